"""A code that was asked for with scopes that name their resource (RFC 6749 section 4.1.3)."""

from msgspec.structs import replace

from sekisho.model.artifact import Code, Refresh
from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.model.step import Take
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.delegation import given, wanted
from sekisho.oauth.delegation.given import Turn
from sekisho.oauth.grants import authorization_code
from sekisho.spec import pkce, scope
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import reply
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import CODE_INVALID, GRANT_BLOCKED
from sekisho.tenant import Tenant

# A page keeps its refresh tokens for a day, however often it uses them.
A_DAY = 86_400


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What the code stands for, once; for one of the resources that were agreed to."""
    now, text = tenant.now(), ask.need("code")
    code = await authorization_code.shown(text, client, tenant)
    if not code.request.dialect:
        raise Refused(CODE_INVALID, debug="the code is redeemed where it was asked for")
    kind = _kind(code, client, ask)
    authorization_code.redirect_is_the_same(ask.get("redirect_uri"), code)
    pkce.verifier_fits(ask.get("code_verifier"), code.request.code_challenge)
    words = scope.parse(ask.get("scope")) or code.request.scopes
    turn = Turn(
        id=code.id,
        at=now,
        grant_type="authorization_code",
        user=await _person(code, tenant),
        sign_in=authorization_code.sign_in_of(code),
        client=client,
        issuer=code.issuer,
        # OpenID Connect's words are those that the person was asked about, whatever is said of them now.
        words=code.scopes,
    )
    one = await wanted.one(words, client, tenant, first=ask.get("scope") is None)
    granted = await given.delegated(turn, one, ask, tenant)
    begins = replace(code, scopes=granted.scopes, audience=granted.api.identifier)
    family = _family(whose.family_of(begins, client, granted.at, tenant), kind, granted.at)
    spends = (Take(Code, text), *await whose.beginning(family, begins, granted.at, tenant))
    return replace(granted, spends=spends, refresh=family)


def _kind(code: Code, client: Client, ask: Ask) -> str:
    """What kind of reply URL the code went to, which says how it is redeemed."""
    registered = [(each.url, each.kind) for each in client.reply_urls]
    _, kind = reply.chosen(code.request.redirect_uri, registered)
    is_challenged = bool(code.request.code_challenge)
    proof = given.proof_of(ask)
    reply.is_redeemed_by(kind, proof, by_page="origin" in ask.headers, challenged=is_challenged)
    return kind


def _family(family: Refresh | None, kind: str, now: float) -> Refresh | None:
    if family is None or kind != "spa":
        return family and replace(family, began_at=kind)
    end = min(now + A_DAY, whose.sooner(family.absolute_at, None))
    return replace(family, began_at=kind, absolute_at=end, expires_at=min(end, family.expires_at))


async def _person(code: Code, tenant: Tenant) -> User:
    user = await tenant.store.named(User, tenant.id, code.user)
    if user is None:
        raise Refused(CODE_INVALID, debug="the user is gone")
    if user.blocked:
        raise Refused(GRANT_BLOCKED, seen=contrast("blocked", "false", "true"))
    return user
