"""Other vendors' dialects: the same verbs in their words, at their addresses."""
