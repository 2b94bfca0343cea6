"""Entra: the endpoints of Microsoft's identity platform, by its addresses and in its words. The tables."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from sekisho.faces.entra import (
    admin_consent,
    authorize,
    discovery,
    federation,
    me,
    numbers,
    says,
    sign_out,
    token,
)
from sekisho.faces.entra.me import says_as_graph
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Says = Callable[[Refused, Ask], Answer]


class Row(NamedTuple):
    """An address: who words its refusals (pages where nobody does), how a body is read, who else may ask."""

    method: str
    path: str
    endpoint: Endpoint
    says: Says | None
    reads: Literal["", "form", "loose"] = ""
    cors: Literal["", "any", "entra"] = ""
    limit: Literal["", "token"] = ""


# fmt: off
ROUTES: tuple[Row, ...] = (
    Row("POST", "/{t}/oauth2/v2.0/token", token.token, says.says, "form", "entra", "token"),
    Row("POST", "/{t}/oauth2/token", token.older, says.says, "form", "entra", "token"),
    Row("GET", "/{t}/oauth2/v2.0/authorize", authorize.authorize, None),
    Row("POST", "/{t}/oauth2/v2.0/authorize", authorize.authorize, None, "form"),
    Row("GET", "/{t}/oauth2/authorize", authorize.older, None),
    Row("POST", "/{t}/oauth2/authorize", authorize.older, None, "form"),
    Row("GET", "/{t}/v2.0/adminconsent", admin_consent.admin_consent, None),
    Row("GET", "/{t}/adminconsent", admin_consent.older, None),
    Row("GET", "/{t}/v2.0/.well-known/openid-configuration", discovery.newer, says.says, cors="any"),
    Row("GET", "/{t}/.well-known/openid-configuration", discovery.older, says.says, cors="any"),
    Row("GET", "/{t}/discovery/v2.0/keys", discovery.newer_keys, says.says, cors="any"),
    Row("GET", "/{t}/discovery/keys", discovery.older_keys, says.says, cors="any"),
    Row("GET", federation.PATH, federation.federation, says.says, cors="any"),
    Row("GET", federation.PATH.lower(), federation.federation, says.says, cors="any"),
    Row("GET", "/{t}/discovery/instance", discovery.instance, says.says, cors="any"),
    Row("GET", "/{t}/oauth2/v2.0/logout", sign_out.end, None),
    Row("POST", "/{t}/oauth2/v2.0/logout", sign_out.end, None, "form"),
    Row("GET", "/{t}/oauth2/logout", sign_out.end, None),
    Row("POST", "/{t}/oauth2/logout", sign_out.end, None, "form"),
    Row("GET", "/oidc/userinfo", me.userinfo, says_as_graph, cors="entra"),
    Row("POST", "/oidc/userinfo", me.userinfo, says_as_graph, cors="entra"),
    Row("GET", "/v1.0/me", me.me, says_as_graph, cors="entra"),
    Row("POST", "/v1.0/me/getMemberObjects", me.member_objects, says_as_graph, cors="entra"),
    Row("POST", "/v1.0/users/{id}/getMemberObjects", me.member_objects, says_as_graph, cors="entra"),
    Row("GET", "/error", numbers.explained, None),
)
# fmt: on
VOICES: tuple[tuple[str, Says], ...] = (
    ("/oauth2/", says.says),
    ("/discovery/", says.says),
    ("/v1.0/", says_as_graph),
)
