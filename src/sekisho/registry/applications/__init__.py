"""Applications in Entra's words: a client and, where it exposes something, the API that it is."""
