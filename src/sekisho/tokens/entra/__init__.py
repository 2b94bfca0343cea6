"""Tokens in Entra's words: access tokens in the format of their API, ID tokens in that of the endpoint."""

from sekisho.tokens.entra import access, id_token

__all__ = ["access", "id_token"]
