"""A seam for the native token endpoint: on behalf of, by its own name."""

from sekisho.oauth.delegation.grants.behalf import grant

__all__ = ["grant"]
