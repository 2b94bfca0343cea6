"""A refresh token in the answer itself: Auth0's older pipeline gives one for a device."""

from sekisho.model.step import Put
from sekisho.oauth import whose
from sekisho.oauth.needs import Given, Giving
from sekisho.tenant import Tenant
from sekisho.tokens import refresh_token


def give(giving: Giving, so_far: Given, tenant: Tenant) -> Given:
    """Where offline access was asked for and may be had."""
    settled = giving.settled
    family = whose.family_of(giving.code(tenant), settled.client, settled.at, tenant)
    if family is None:
        return so_far
    told = ("refresh_token", refresh_token.mint(family, tenant))
    return Given((*so_far.params, told), (*so_far.steps, Put(family, family.id)))
