"""La Gramola, the demonstration's origin: a small Spanish record shop written the way such shops were about 2008.

Concepts: a *record* of one of six genres (`catalogue`), a *session* known by `osCsid` (`sessions`), the *ledger* of
customers and orders (`ledger`), a *visit* (one request, which builds the links), a *page* inside the shop's *layout*,
and the *drawn* things: covers and clips. It knows nothing of Vitrina.
"""
