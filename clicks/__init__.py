"""What happened: one `Click` per logged request, the `Event`s it proves, the `PageFacts` read from the page served.

Concepts: `Click`, `Event`, `PageFacts`, `PageView` (the protocol a page is read by), `Product` (the learnt catalogue).
"""
