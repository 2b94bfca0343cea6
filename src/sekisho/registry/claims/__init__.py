"""A tenant's own claims: the rules that say them, and how an expression is tried out."""
