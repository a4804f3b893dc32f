"""What to show and why: `decide` walks the experiences, `Choice` is one that is shown, ranking orders a list.

Concepts: `Decision`, `Choice`, `Reason` (in `clicks.click`), holdout, rollout, cap.
"""
