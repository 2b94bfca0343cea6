"""Policies of conditional access: what they say, made, changed, deleted, and tried out on somebody."""
