"""Facts that happened: the audit, and the log."""
