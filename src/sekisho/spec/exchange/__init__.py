"""Tokens for tokens as rules: token exchange (RFC 8693), assertions as grants (RFC 7523)."""
