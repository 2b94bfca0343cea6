"""Tokens in Entra's words: access tokens in the format of their API, ID tokens in that of the endpoint."""
