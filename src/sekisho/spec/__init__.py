"""What the documents say: pure rules over frozen values."""
