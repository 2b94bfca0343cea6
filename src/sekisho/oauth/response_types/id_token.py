"""`id_token`: who signed in, in the answer itself (OpenID Connect Core 1.0 sections 3.2.2.5 and 3.3.2.11)."""

from sekisho import tokens
from sekisho.model.granted import Beside
from sekisho.oauth.needs import Given, Giving
from sekisho.tenant import Tenant


def give(giving: Giving, so_far: Given, tenant: Tenant) -> Given:
    """It names what it came with, so that neither can be exchanged for another."""
    beside = Beside(access_token=so_far.value("access_token"), code=so_far.value("code"))
    granted = giving.granted
    text = tokens.ID_TOKENS[granted.dialect](granted, beside, tenant)
    return Given((*so_far.params, ("id_token", text)), so_far.steps)
