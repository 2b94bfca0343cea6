"""A tenant's own claims: how they may be called, and the expressions that say what is in them."""
