"""How verbs change things: what is asked for, who asks, and one unit that does it."""
