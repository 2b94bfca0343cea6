"""Who asks for authorization, and where the answer goes: settled before anything is redirected."""

from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.artifact import Flow, Owner, PushedRequest
from sekisho.model.client import Client
from sekisho.model.step import Swap
from sekisho.spec import redirect_uri
from sekisho.spec.authorization import ADMIN_CONSENT, AuthorizationRequest, WireDialect, read
from sekisho.spec.authorization.rules import Permission, hold
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.entra import challenge, reply
from sekisho.spec.http import Pairs, every, one, parameters_are_single
from sekisho.spec.pipeline import is_legacy
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.authorization import (
    CLIENT_UNKNOWN,
    PUSHED_UNKNOWN,
    PUSHING_REQUIRED,
    WEB_ORIGIN_UNLISTED,
)
from sekisho.tenant import Tenant

URN = "urn:ietf:params:oauth:request_uri:"
LONGEST_ID = 512
# In the place of a flow: the request was answered at once.
ANSWERED = "answered"
# What the identity provider of a portal gives it, and nothing else.
PORTALS = ("id_token", "id_token token", "code id_token")
# What Entra answers with.
QUALIFIED = ("code", "id_token", "token", "code id_token", "id_token token")
MODES = ("query", "fragment", "form_post")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of a known client with an address that answers may go to."""

    client: Client
    pairs: Pairs
    redirect_uri: str
    redirect_sent: bool
    pushed: PushedRequest | None = None
    dialect: WireDialect = ""
    # What kind of reply URL it is, in Entra's words.
    kind: str = ""
    # An administrator is asked, at an address of its own.
    is_for_everybody: bool = False

    def answered(self) -> tuple[Swap, ...]:
        """The step that uses up the pushed request. RFC 9126 section 4."""
        return (Swap(replace(self.pushed, opened=ANSWERED)),) if self.pushed else ()

    def opened(self, flow: Flow) -> tuple[Swap, ...]:
        """The step that gives the pushed request to one flow, as long as that lives, and to no other."""
        if self.pushed is None:
            return ()
        return (Swap(replace(self.pushed, opened=flow.id, expires_at=flow.expires_at)),)


async def asked(pairs: Pairs, tenant: Tenant, dialect: WireDialect = "") -> Asked:
    """Client and redirect URI, or a page for the person: nobody is redirected to a stranger."""
    client = await client_of(one(pairs, "client_id"), tenant)
    if dialect:
        named = one(pairs, "redirect_uri")
        address, kind = reply.chosen(named, _registered(client))
        return Asked(client, pairs, address, named is not None, dialect=dialect, kind=kind)
    reference = one(pairs, "request_uri") or ""
    pushed = None
    if reference.startswith(URN):
        pushed = await _pushed(reference.removeprefix(URN), client, tenant)
        pairs = pushed.pairs
    uri, sent = _redirect(pairs, client)
    _may_be_told(pairs, uri, client)
    return Asked(client, pairs, uri, sent, pushed)


async def asked_before(request: AuthorizationRequest, tenant: Tenant) -> Asked:
    """The same of a request that was checked when its flow began; client or address may be gone meanwhile."""
    client = await client_of(request.client_id, tenant)
    kind = ""
    if request.dialect:
        _, kind = reply.chosen(request.redirect_uri, _registered(client))
    else:
        redirect_uri.chosen(request.redirect_uri, _registered(client), openid=True)
    told = (
        ("response_type", request.response_type),
        ("response_mode", request.response_mode),
        ("state", request.state),
    )
    pairs = tuple((name, value) for name, value in told if value is not None)
    return Asked(
        *(client, pairs, request.redirect_uri, request.redirect_sent),
        dialect=request.dialect,
        kind=kind,
        is_for_everybody=request.is_for_everybody,
    )


async def client_of(client_id: str | None, tenant: Tenant) -> Client:
    """The client that is asked for, if it may ask people at all."""
    if client_id is None:
        raise Refused(MISSING_PARAMETER, words={"name": "client_id"}, seen=absent("client_id"))
    sound = len(client_id) <= LONGEST_ID and "\0" not in client_id
    client = await tenant.known.named(Client, tenant.id, client_id) if sound else None
    if client is None:
        seen = contrast("client_id", "the client_id of an application", client_id)
        raise Refused(CLIENT_UNKNOWN, words={"client_id": client_id[:64]}, seen=seen)
    if not client.enabled:
        seen = contrast("enabled", "true", "false")
        raise Refused(CLIENT_UNKNOWN, words={"client_id": client_id[:64]}, seen=seen)
    return client


def checked(told: Asked, tenant: Tenant) -> AuthorizationRequest:
    """The request within all rules; what is wrong now is told to the client."""
    if told.is_for_everybody:
        return _of_administrators(told)
    if told.pushed is None and (tenant.policy.pushing_required or told.client.requires_pushing):
        whose = "the tenant" if tenant.policy.pushing_required else "the application"
        seen = absent("request_uri", "one that /oauth/par answered")
        raise Refused(PUSHING_REQUIRED, debug=f"{whose} requires it", seen=seen)
    if told.dialect:
        return _qualified(told)
    return of_pairs(told.pairs, told.client, told.redirect_uri, sent=told.redirect_sent)


def of_pairs(pairs: Pairs, client: Client, uri: str, *, sent: bool) -> AuthorizationRequest:
    """What `/authorize` and `/oauth/par` check alike."""
    parameters_are_single(pairs)
    request = read(pairs, uri, redirect_sent=sent)
    may = Permission(
        is_legacy=is_legacy(conformant=client.oidc_conformant, audience=request.audience),
        grant_types=client.grant_types,
        is_public=client.is_public,
        response_types=PORTALS if client.app_type == "portal" else (),
    )
    hold(request, pairs, may)
    return request


def _qualified(told: Asked) -> AuthorizationRequest:
    """The same in Entra's words: the type of the reply URL says who needs a challenge."""
    parameters_are_single(told.pairs)
    request = read(told.pairs, told.redirect_uri, redirect_sent=told.redirect_sent)
    asked = challenge.read(one(told.pairs, "claims"))
    request = replace(request, dialect=told.dialect, audience="", challenge=asked)
    may = Permission(
        grant_types=told.client.grant_types,
        is_public=told.kind != "web",
        response_types=QUALIFIED,
        response_modes=MODES,
        front_channel=told.client.front_channel,
    )
    hold(request, told.pairs, may)
    return request


def _of_administrators(told: Asked) -> AuthorizationRequest:
    """Whatever was agreed to before, it is asked: who comes for this wants to see the question."""
    parameters_are_single(told.pairs)
    request = read(told.pairs, told.redirect_uri, redirect_sent=told.redirect_sent)
    return replace(
        request,
        response_type=ADMIN_CONSENT,
        response_mode="query",
        prompt=("consent",),
        dialect=told.dialect,
    )


def _may_be_told(pairs: Pairs, uri: str, client: Client) -> None:
    """A message goes to an origin that the client named as one of its pages."""
    if "web_message" not in every(pairs, "response_mode"):
        return
    origin = redirect_uri.target(uri)
    if origin not in client.web_origins:
        seen = contrast("web_origins", " ".join(client.web_origins), origin)
        raise Refused(WEB_ORIGIN_UNLISTED, seen=seen)


def _redirect(pairs: Pairs, client: Client) -> tuple[str, bool]:
    sent = one(pairs, "redirect_uri")
    # A scope that was sent twice is told to the client, once it is certain where it is.
    is_openid = any("openid" in scopes.split() for scopes in every(pairs, "scope"))
    return redirect_uri.chosen(sent, _registered(client), openid=is_openid), sent is not None


def _registered(client: Client) -> list[tuple[str, str]]:
    return [(reply.url, reply.kind) for reply in client.reply_urls]


async def _pushed(handle: str, client: Client, tenant: Tenant) -> PushedRequest:
    """It is this client's, and was not answered; whether it may be opened again is the flow's to say."""
    if not tenant.policy.pushing_allowed:
        seen = contrast("pushed_authorization_requests_supported", "true", "false")
        raise Refused(PUSHED_UNKNOWN, debug="the tenant does not allow pushing any more", seen=seen)
    found = await tenant.store.get(PushedRequest, handle)
    theirs = Owner(tenant=tenant.id, client=client.client_id)
    if not isinstance(found, PushedRequest) or found.owner.tenant != tenant.id or found.opened == ANSWERED:
        seen = contrast("request_uri", "one that is new and unused", handle)
        raise Refused(PUSHED_UNKNOWN, debug="it was never pushed, was used, or has expired", seen=seen)
    if found.owner != theirs:
        seen = contrast("client_id", found.owner.client or "", client.client_id)
        raise Refused(PUSHED_UNKNOWN, debug="another client pushed it", seen=seen)
    return found
