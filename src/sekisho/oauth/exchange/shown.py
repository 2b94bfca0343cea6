"""The tokens that an application shows to go on in somebody's name (RFC 8693 section 2.1)."""

from sekisho import tokens
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.oauth.delegation import subject
from sekisho.oauth.delegation.subject import Subject
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.exchange import EXCHANGE_FORBIDDEN, SUBJECT_EXPIRED, SUBJECT_UNTRUSTED
from sekisho.spec.refusals.protocol import TOKEN_INVALID
from sekisho.tenant import Tenant


async def subject_of(text: str, client: Client, tenant: Tenant) -> Subject:
    """A token of ours about a person, for the API that the client is: signed or opaque, and still good."""
    if "." in text:
        found = await subject.shown(text, client, tenant)
    else:
        found = await subject.held(await _live(text, tenant), client, tenant)
    if found.bearer.expires_at <= tenant.now():
        # Clocks differ, but what has ended leaves no time to give.
        raise Refused(SUBJECT_EXPIRED, debug=f"exp {found.bearer.expires_at}")
    client_may_act(found.bearer, client)
    return found


async def actor_is_the_client(text: str, client: Client, tenant: Tenant) -> None:
    """Who acts is who asks, by a token that is about itself: nobody names another actor. Section 2.1."""
    bearer = await _live(text, tenant)
    if bearer.client_id != client.client_id or not tokens.is_clients(bearer):
        seen = contrast("azp", client.client_id, bearer.client_id)
        raise Refused(EXCHANGE_FORBIDDEN, debug="the actor token is not the client's own", seen=seen)


def client_may_act(bearer: Bearer, client: Client) -> None:
    """Where the token says who may act for the person, nobody else does. Section 4.4."""
    if bearer.may_act not in (None, client.client_id):
        seen = contrast("may_act", bearer.may_act or "", client.client_id)
        raise Refused(EXCHANGE_FORBIDDEN, debug="the subject token names another actor", seen=seen)


async def _live(text: str, tenant: Tenant) -> Bearer:
    try:
        return await tokens.live(text, tenant)
    except Refused as refused:
        if refused.reason.error != TOKEN_INVALID.error:
            raise
        raise Refused(SUBJECT_UNTRUSTED, debug=refused.debug) from refused
