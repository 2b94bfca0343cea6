"""Issuers elsewhere whose word counts here: their keys, and the clients that they vouch for."""
