"""The authorization code grant (RFC 6749 section 4.1.3): a person agreed, and the client shows it."""

from sekisho.model.api import Api
from sekisho.model.artifact import Code, Owner, Spent
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Take
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.spec import pkce
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import CODE_INVALID, CODE_REDIRECT, GRANT_BLOCKED
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What the code stands for, once, and the person is still there."""
    now, text = tenant.now(), ask.need("code")
    code = await shown(text, client, tenant)
    if code.request.dialect:
        raise Refused(CODE_INVALID, debug="the code is redeemed where it was asked for")
    redirect_is_the_same(ask.get("redirect_uri"), code)
    pkce.verifier_fits(ask.get("code_verifier"), code.request.code_challenge)
    user, api = await _whose(code, tenant)
    sign_in = sign_in_of(code)
    await held.hold(Opened(user=user, sign_in=sign_in, client=client, api=api.identifier), ask, tenant)
    family = whose.family_of(code, client, now, tenant)
    return Granted(
        id=code.id,
        grant_type="authorization_code",
        client=client,
        api=api,
        audience=whose.audience_of(code.audience, code.issuer),
        issuer=code.issuer,
        subject=code.user,
        scopes=code.scopes,
        lifetime=api.token_lifetime,
        at=now,
        spends=(Take(Code, text), *await whose.beginning(family, code, now, tenant)),
        user=user,
        sign_in=sign_in,
        refresh=family,
        is_legacy=whose.is_legacy_code(code, client),
        part=ask.id,
    )


async def _whose(code: Code, tenant: Tenant) -> tuple[User, Api]:
    """The person and the API, which are still there."""
    user = await tenant.store.named(User, tenant.id, code.user)
    api = await whose.api_of(code.audience, tenant)
    if user is None or api is None:
        raise Refused(CODE_INVALID, debug="the user or the API is gone")
    if user.blocked:
        raise Refused(GRANT_BLOCKED, seen=contrast("blocked", "false", "true"))
    return user, api


async def shown(text: str, client: Client, tenant: Tenant) -> Code:
    """The code of this client; shown again, it takes back what it gave. RFC 6749 section 4.1.2."""
    code = await tenant.store.get(Code, text)
    if isinstance(code, Spent) and _is_of(code.owner, client, tenant):
        await tenant.store.revoke(code.owner, tenant.now())
        raise Refused(CODE_INVALID, debug="the code was used before: what it gave is revoked")
    if not isinstance(code, Code) or not _is_of(code.owner, client, tenant):
        raise Refused(CODE_INVALID, debug="there is no such code of this client")
    return code


def sign_in_of(code: Code) -> SignIn:
    return SignIn(
        auth_time=code.auth_time,
        amr=code.amr,
        acr=code.acr,
        nonce=code.request.nonce,
        session=code.session,
        address=code.address,
        contexts=code.contexts,
    )


def _is_of(owner: Owner, client: Client, tenant: Tenant) -> bool:
    return owner.tenant == tenant.id and owner.client == client.client_id


def redirect_is_the_same(sent: str | None, code: Code) -> None:
    """The one that was sent with the request; none where none was. RFC 6749 section 4.1.3."""
    if sent == code.request.redirect_uri or (sent is None and not code.request.redirect_sent):
        return
    raise Refused(CODE_REDIRECT, seen=contrast("redirect_uri", code.request.redirect_uri, sent or ""))
