"""Requests: the inbox, a request with its chain, decisions, changes of an order."""
