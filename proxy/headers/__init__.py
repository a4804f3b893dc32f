"""Which header fields cross the proxy, as pure tables: values in, values out.

Concepts: *to origin* (request fields), *to client* (response fields), *privacy* (what a personalised response must not
say), *trial host* (the shop served under another name), *hop-by-hop* (fields that end at this hop).
"""
