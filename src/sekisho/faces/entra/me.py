"""Who the person is: /oidc/userinfo, and of Microsoft Graph as much as says who is signed in."""

import time
from datetime import UTC, datetime
from typing import NamedTuple

from sekisho import tokens
from sekisho.faces.entra import says
from sekisho.model.api import Api
from sekisho.model.bearer import Bearer
from sekisho.model.role import group_id
from sekisho.model.user import User
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import wording
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.protocol import SCOPE_INSUFFICIENT, TOKEN_AUDIENCE, TOKEN_INVALID, TOKEN_MISSING
from sekisho.tenant import Tenant
from sekisho.tokens.entra import names

# The application that every directory of Microsoft's has; here a tenant may have one of that name.
GRAPH = "00000003-0000-0000-c000-000000000000"
READ = "User.Read"
PROFILE = ("name", "family_name", "given_name", "picture")
UNAUTHENTICATED, FORBIDDEN, ABSENT = 401, 403, 404


class Shown(NamedTuple):
    """A token that was shown, and whom it is about."""

    bearer: Bearer
    user: User


async def userinfo(ask: Ask, tenant: Tenant) -> Answer:
    """GET and POST /oidc/userinfo; any token of a person for Graph."""
    shown = await _shown(ask, tenant)
    claims = shown.user.standard
    told = {name: claims[name] for name in PROFILE if claims.get(name)}
    told |= {"email": mail} if (mail := names.address(shown.user)) else {}
    sub = names.pairwise(tenant, shown.user.id, shown.bearer.client_id)
    return Answer(json={"sub": sub, **told}, kind=says.KIND, headers=says.headers(ask))


async def me(ask: Ask, tenant: Tenant) -> Answer:
    """GET /v1.0/me, in the shape of Graph's `user`."""
    shown = await _shown(ask, tenant)
    _may_read(shown.bearer)
    user, claims = shown.user, shown.user.standard
    phone = claims.get("phone_number")
    told = {
        "@odata.context": f"{ask.root}/v1.0/$metadata#users/$entity",
        "businessPhones": [phone] if phone else [],
        "displayName": claims["name"],
        "givenName": claims.get("given_name"),
        "jobTitle": None,
        "mail": user.email or None,
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": user.locale or None,
        "surname": claims.get("family_name"),
        "userPrincipalName": names.principal_name(user),
        "id": user.id,
    }
    return Answer(json=told, kind=says.KIND, headers=says.headers(ask))


async def member_objects(ask: Ask, tenant: Tenant) -> Answer:
    """POST …/getMemberObjects: the groups of the person themselves, wherever a token has no room for them."""
    shown = await _shown(ask, tenant)
    _may_read(shown.bearer)
    id, user = ask.names.get("id"), shown.user
    if id is not None and id.casefold() not in (user.id, names.principal_name(user).casefold()):
        raise Refused(
            SCOPE_INSUFFICIENT, words={"scopes": "User.Read.All"}, debug="it is about somebody else"
        )
    told = {
        "@odata.context": f"{ask.root}/v1.0/$metadata#Collection(Edm.String)",
        "value": [group_id(tenant.id, role) for role in user.roles],
    }
    return Answer(json=told, kind=says.KIND, headers=says.headers(ask))


def says_as_graph(refused: Refused, ask: Ask) -> Answer:
    """Graph's shape, with the challenge of RFC 6750 section 3 where a token would help."""
    told, reason = says.told_of(refused, ask), refused.reason
    code = {UNAUTHENTICATED: "InvalidAuthenticationToken", FORBIDDEN: "Authorization_RequestDenied"}
    body = {
        "code": code.get(reason.status, reason.error),
        "message": wording.text(refused),
        "innerError": {
            "date": datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": told.trace,
            "client-request-id": told.correlation,
        },
    }
    challenge = f'Bearer realm="", authorization_uri="{ask.root}/authorize"'
    if reason is not TOKEN_MISSING:
        challenge += f', error="{reason.error}"'
    needs = (("www-authenticate", challenge),) if reason.status in (UNAUTHENTICATED, FORBIDDEN) else ()
    headers = (*says.NO_STORE, *says.named(ask, told.trace), *needs)
    return Answer(status=reason.status, json={"error": body}, kind=says.KIND, headers=headers)


async def _shown(ask: Ask, tenant: Tenant) -> Shown:
    """A live token of a person for Graph, where the tenant has it at all."""
    api = await tenant.known.named(Api, tenant.id, GRAPH)
    if api is None:
        raise Refused(NOT_FOUND, debug="the tenant has no application with the id of Graph")
    bearer = await tokens.live(_token(ask), tenant)
    ours = {each.rstrip("/").casefold() for each in api.identifiers}
    if ours.isdisjoint(each.rstrip("/").casefold() for each in bearer.audience):
        came = " ".join(bearer.audience)
        seen = contrast("aud", api.identifier, came)
        raise Refused(TOKEN_AUDIENCE, words={"audience": came[:200]}, seen=seen)
    user = await tenant.store.named(User, tenant.id, bearer.subject)
    if user is None or user.blocked:
        raise Refused(TOKEN_INVALID, debug="it is about no person, or they are gone or blocked")
    if bearer.pairwise != names.pairwise(tenant, user.id, api.identifier):
        # The address may have been another application's when it was given.
        raise Refused(TOKEN_AUDIENCE, words={"audience": " ".join(bearer.audience)[:200]})
    return Shown(bearer, user)


def _token(ask: Ask) -> str:
    scheme, _, sent = ask.headers.get("authorization", "").partition(" ")
    if not sent or scheme.lower() != "bearer":
        raise Refused(TOKEN_MISSING)
    return sent.strip()


def _may_read(bearer: Bearer) -> None:
    if READ.casefold() not in map(str.casefold, bearer.scopes):
        seen = contrast("scp", READ, " ".join(bearer.scopes))
        raise Refused(SCOPE_INSUFFICIENT, words={"scopes": READ}, seen=seen)
