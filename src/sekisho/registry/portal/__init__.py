"""What a portal is configured by and signs with."""
