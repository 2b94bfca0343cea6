"""Tokens that are given for tokens and for the word of others: what is shown, and what may be had for it."""
