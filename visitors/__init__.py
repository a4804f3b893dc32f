"""Who it is: the signed cookie, consent, `Visitor`, `Profile` (a fold of events), `Segment` rules over profiles."""
