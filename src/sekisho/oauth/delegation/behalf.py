"""On behalf of: an application that was called with a person's token asks for the next API's (RFC 7523)."""

from msgspec.structs import replace

from sekisho.model.artifact import id_of
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.delegation import agreed, asserted, given, subject, wanted
from sekisho.oauth.delegation.given import Turn
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange import chain
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import PROOF_MISSING
from sekisho.spec.refusals.exchange import TOKEN_USE_UNKNOWN
from sekisho.tenant import Tenant

USE = "on_behalf_of"
EMAIL = "email"


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """The token that came in is for this application; what goes out is what the person let it do there."""
    now = tenant.now()
    if given.proof_of(ask) == "0":
        raise Refused(PROOF_MISSING)
    text, said = ask.need("assertion"), ask.need("scope")
    _is_on_behalf(ask)
    kind = asserted.kind_of(ask)
    shown = await subject.shown(text, client, tenant)
    bearer = shown.bearer
    actors = (*bearer.actors, client.client_id)
    chain.is_short(actors, tenant.policy.exchange_depth)
    words = await _told(scope.parse(said) or (), shown.user, client, tenant)
    turn = Turn(
        # What has refresh tokens of its own is a grant of its own; else it ends with what it came from.
        id=id_of(now) if whose.OFFLINE in given.openid(words, client, tenant) else bearer.grant,
        at=now,
        grant_type=ask.need("grant_type"),
        user=shown.user,
        sign_in=bearer.sign_in or SignIn(auth_time=0),
        client=client,
        issuer=tenant.issuer(ask),
        words=words,
        actors=actors,
    )
    one = await wanted.one(words, client, tenant)
    granted = await asserted.told(await given.delegated(turn, one, ask, tenant), kind, one, tenant)
    return await _lasting(granted, turn, bearer.actors, tenant)


async def _lasting(granted: Granted, turn: Turn, actors: tuple[str, ...], tenant: Tenant) -> Granted:
    """With refresh tokens where they were asked for, which buy the same kind of token again."""
    begins = given.beginning(turn, granted, "", tenant)
    family = whose.family_of(begins, turn.client, granted.at, tenant)
    if family is None:
        return granted
    kind = granted.assertion.kind if granted.assertion else ""
    family = replace(family, actors=actors, token_type=kind)
    return replace(granted, spends=await whose.beginning(family, begins, granted.at, tenant), refresh=family)


async def _told(words: tuple[str, ...], user: User, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """Without the address of a person who is not there to be asked, unless it may be told anyway."""
    if EMAIL not in map(str.casefold, words) or client.is_first_party:
        return words
    if EMAIL in await agreed.about_themselves(user.user_id, client, tenant):
        return words
    return tuple(each for each in words if each.casefold() != EMAIL)


def _is_on_behalf(ask: Ask) -> None:
    use = ask.need("requested_token_use")
    if use != USE:
        raise Refused(TOKEN_USE_UNKNOWN, seen=contrast("requested_token_use", USE, use))
