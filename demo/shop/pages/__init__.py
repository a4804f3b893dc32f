"""The shop's pages: each takes a visit and gives back a reply (a page, a redirect, a document); `routes` says which address is which."""
