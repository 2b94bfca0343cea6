"""Who the person is (OpenID Connect Core 1.0 section 5.3)."""

from sekisho import tokens
from sekisho.model.bearer import Bearer
from sekisho.model.user import User
from sekisho.spec import claims, pipeline
from sekisho.spec.contrast import contrast, repeated
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.spec.refusal import REPEATED_PARAMETER, Refused
from sekisho.spec.refusals.protocol import SCOPE_INSUFFICIENT, TOKEN_AUDIENCE, TOKEN_INVALID, TOKEN_MISSING
from sekisho.tenant import Tenant
from sekisho.tokens import custom

PATH = "userinfo"


async def userinfo(ask: Ask, tenant: Tenant) -> Answer:
    """GET, or POST with the token in the header or in the form; what its scopes ask for."""
    bearer = await tokens.live(_token(ask), tenant)
    _is_for_us(bearer, ask, tenant)
    if "openid" not in bearer.scopes:
        seen = contrast("scope", "openid", " ".join(bearer.scopes))
        raise Refused(SCOPE_INSUFFICIENT, words={"scopes": "openid"}, seen=seen)
    user = await tenant.store.named(User, tenant.id, bearer.subject)
    if user is None or user.blocked:
        raise Refused(TOKEN_INVALID, debug="the user is gone or blocked")
    own = await custom.of_userinfo(user, bearer, tenant) if tenant.rules else {}
    return Answer(json={**_about(user, bearer), **own, "sub": user.user_id}, headers=NO_STORE)


def _about(user: User, bearer: Bearer) -> dict[str, object]:
    """What the scopes ask for; in Auth0's older pipeline also attributes, and the profile whole."""
    if bearer.is_legacy:
        return pipeline.attributes({**user.whole, "clientID": bearer.client_id}, bearer.scopes)
    return claims.of_scopes(user.standard, bearer.scopes)


def _token(ask: Ask) -> str:
    """One way of the three that RFC 6750 knows, and never the query (RFC 9700 section 4.3.2)."""
    scheme, _, sent = ask.headers.get("authorization", "").partition(" ")
    in_form = ask.get("access_token") if ask.method == "POST" else None
    if sent and scheme.lower() == "bearer":
        if in_form is not None:
            seen = repeated("access_token")
            raise Refused(REPEATED_PARAMETER, words={"name": "access_token"}, seen=seen)
        return sent.strip()
    if in_form is None:
        raise Refused(TOKEN_MISSING)
    return in_form


def _is_for_us(bearer: Bearer, ask: Ask, tenant: Tenant) -> None:
    """The audience names our address, whichever of them."""
    ours = (each.removesuffix(PATH) for each in bearer.audience if each.endswith(f"/{PATH}"))
    if not any(map(tenant.accepts, ours)):
        came = " ".join(bearer.audience)
        seen = contrast("aud", f"{tenant.issuer(ask)}{PATH}", came)
        raise Refused(TOKEN_AUDIENCE, words={"audience": came[:200]}, seen=seen)
