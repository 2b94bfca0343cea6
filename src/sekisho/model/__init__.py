"""What we remember: frozen values, no behaviour that needs a store."""
