"""Entra's dialect as rules: addresses, resource scopes, reply URLs, error numbers."""
