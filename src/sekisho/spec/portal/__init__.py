"""What a portal of Power Pages is configured by and asked for: pure rules."""
