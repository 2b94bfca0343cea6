"""A refresh token that is bound to person and client, and good for each resource that was agreed to."""

from msgspec.structs import replace

from sekisho.model.artifact import Refresh
from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.oauth.delegation import asserted, given, wanted
from sekisho.oauth.delegation.given import Proof, Turn
from sekisho.oauth.grants import refresh_token
from sekisho.spec import scope
from sekisho.spec.entra import reply
from sekisho.spec.exchange.token_type import SamlKind
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import REFRESH_INVALID
from sekisho.spec.refusals.entra import PROOF_MISSING
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Person, client and consent as they are now: nothing lasts that was taken back."""
    now = tenant.now()
    use = await refresh_token.used(ask, client, tenant)
    family = use.family
    if not family.dialect:
        raise Refused(REFRESH_INVALID, debug="the token is used where it was asked for")
    proof = given.proof_of(ask)
    kind = family.began_at or ("public" if client.is_public else "web")
    reply.is_redeemed_by(kind, proof, by_page="origin" in ask.headers, challenged=True)
    user = await refresh_token.person(family, tenant)
    words = scope.parse(ask.get("scope")) or family.words
    # Scopes of several resources may be named here: the first one counts.
    one = await wanted.one(words, client, tenant, first=True)
    turn = Turn(
        id=family.id,
        at=now,
        grant_type="refresh_token",
        user=user,
        sign_in=refresh_token.sign_in_of(family),
        client=client,
        issuer=family.issuer,
        words=family.scopes,
        actors=(*family.actors, client.client_id) if family.actors or not family.began_at else (),
    )
    made = _wanted(ask, family, proof)
    granted = await asserted.told(await given.delegated(turn, one, ask, tenant), made, one, tenant)
    return replace(granted, spends=use.spends, refresh=use.after)


def _wanted(ask: Ask, family: Refresh, proof: Proof) -> SamlKind | None:
    """What is asked for now, or what the family began with; an assertion is for who proves themselves."""
    kind = asserted.kind_of(ask, family.token_type or None)
    if kind and proof == "0":
        raise Refused(PROOF_MISSING)
    return kind
