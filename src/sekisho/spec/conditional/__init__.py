"""Conditional access as rules: which policies hold for somebody's request, and what is missing."""
