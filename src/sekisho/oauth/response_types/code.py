"""`code`: to be redeemed at the token endpoint (RFC 6749 section 4.1.2)."""

import secrets

from sekisho.model.artifact import Code
from sekisho.model.step import Put
from sekisho.oauth.needs import Given, Giving
from sekisho.tenant import Tenant


def give(giving: Giving, _: Given, tenant: Tenant) -> Given:
    """A text that only this answer has, and what it stands for."""
    text, settled = secrets.token_urlsafe(32), giving.settled
    made = Code(
        id=giving.id,
        owner=giving.owner,
        born=settled.at,
        expires_at=settled.at + tenant.policy.code_lifetime,
        request=settled.request,
        issuer=giving.issuer,
        user=giving.user.user_id,
        scopes=settled.wish.scopes,
        audience=settled.wish.api.identifier,
        session=settled.session.id,
        auth_time=settled.session.auth_time,
        amr=settled.session.amr,
        acr=settled.session.acr,
    )
    return Given((("code", text),), (Put(made, text),))
