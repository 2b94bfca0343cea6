"""Conditional access where something is opened: at the authorization endpoint, and in each exchange."""
