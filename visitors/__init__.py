"""Who it is: the signed cookie, consent, `Visitor`, `Profile` (a fold of clicks), conditions over profiles, segments.

Concepts: `Keyring` and `VisitorCookie`, `Identified` and `CookieChange`, `Profile`, `Working` (a profile while it is
folded), `Packed` (a map left packed until looked at), `ConditionField`.
"""
