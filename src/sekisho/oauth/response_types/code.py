"""`code`: to be redeemed at the token endpoint (RFC 6749 section 4.1.2)."""

import secrets

from sekisho.model.step import Put
from sekisho.oauth.needs import Given, Giving
from sekisho.tenant import Tenant


def give(giving: Giving, _: Given, tenant: Tenant) -> Given:
    """A text that only this answer has, and what it stands for."""
    text = secrets.token_urlsafe(32)
    return Given((("code", text),), (Put(giving.code(tenant), text),))
