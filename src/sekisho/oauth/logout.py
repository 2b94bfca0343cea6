"""Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0 sections 2 and 3)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from sekisho.model.artifact import Session
from sekisho.model.client import Client
from sekisho.model.step import Note
from sekisho.oauth.asked import LONGEST_ID
from sekisho.people import sessions
from sekisho.spec import redirect_uri
from sekisho.spec.contrast import contrast, nearest
from sekisho.spec.entra.place import newer
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import HINT_INVALID, LOGOUT_MISMATCH
from sekisho.tenant import Tenant
from sekisho.tokens import id_token

PATIENCE = 2  # seconds in which applications hear that somebody left


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours says: whose, for which client, in which session."""

    subject: str
    client: str
    session: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who wants to leave, which session that would end, and where to go afterwards: nowhere, if empty.

    It is proved if an ID token says that the client knows this very session: then nobody is asked.
    """

    session: Session | None
    client: Client | None
    uri: str
    state: str | None
    is_proved: bool

    @property
    def goes_to(self) -> str:
        """The registered address, with the state."""
        return with_state(self.uri, self.state) if self.uri else ""


def with_state(uri: str, state: str | None) -> str:
    """An address that hears again what was sent to come back. Section 3."""
    return uri if state is None else f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state})}"


async def leaving(ask: Ask, tenant: Tenant) -> Leaving:
    """What is asked for, by GET or POST. Section 2."""
    pairs = ask.form if ask.method == "POST" else ask.query
    text, claimed = one(pairs, "id_token_hint"), one(pairs, "client_id")
    hint = _hint(text, tenant)
    if hint and claimed not in (None, hint.client):
        seen = contrast("client_id", hint.client, claimed or "")
        raise Refused(HINT_INVALID, debug="client_id is not the audience of id_token_hint", seen=seen)
    client = await _client(hint.client if hint else claimed, tenant)
    session = await sessions.current(ask, tenant)
    return Leaving(
        session,
        client,
        # Whoever shows a forged hint is led nowhere.
        uri="" if text and not hint else _uri(pairs, client),
        state=one(pairs, "state"),
        is_proved=hint is not None and _is_of(hint, session),
    )


async def way_out(sent: str | None, client_id: str | None, tenant: Tenant) -> str:
    """Where Auth0's own sign-out leads: by a client's list, or by the tenant's; nowhere, if empty.

    A client that says nothing means the first of its addresses.
    """
    client = await _client(client_id, tenant)
    ours = tenant.policy.allowed_logout_urls
    if client_id is not None:
        ours = client.allowed_logout_urls if client else ()
    if sent is not None:
        return redirect_uri.back(sent, ours)
    return ours[0] if client and ours else ""


async def farewells(session: Session, ask: Ask, tenant: Tenant) -> tuple[str, ...]:
    """What a browser loads to tell clients. OpenID Connect Front-Channel Logout 1.0 section 2."""
    told = urlencode({"iss": newer(tenant.issuer(ask), tenant.id), "sid": session.id})
    clients = [await _client(client_id, tenant) for client_id in session.clients]
    addresses = [
        each.front_logout_uri for each in clients if each and redirect_uri.origin(each.front_logout_uri)
    ]
    return tuple(f"{uri}{'&' if '?' in uri else '?'}{told}" for uri in dict.fromkeys(addresses))


def parting(frames: tuple[str, ...], goes_to: str, back: object = None) -> Answer:
    """The page that says that somebody is signed out; other applications hear it before it leads on."""
    onward = (("refresh", f"{PATIENCE}; url={goes_to}"),) if frames and goes_to else ()
    context = {"back": back, "goes_to": goes_to, "frames": frames}
    return Answer(page=("signed_out", context), headers=(*NO_STORE, *onward))


async def leave(session: Session, ask: Ask, tenant: Tenant) -> None:
    """The session ends, and that is remembered."""
    await sessions.end(session, tenant)
    facts = {"user": session.owner.user or "", "address": ask.address, "correlation": ask.correlation}
    await tenant.store.write(Note(tenant.audit.event(tenant.id, "user_signed_out", **facts)))


def _hint(text: str | None, tenant: Tenant) -> Hint | None:
    """An ID token that may have expired; one that is not ours is as good as none. Section 4."""
    if text is None:
        return None
    try:
        return Hint(*id_token.hinted(text, tenant))
    except Refused:
        return None


async def _client(client_id: str | None, tenant: Tenant) -> Client | None:
    """One that is switched off leads nobody anywhere."""
    if client_id is None or len(client_id) > LONGEST_ID:
        return None
    client = await tenant.known.named(Client, tenant.id, client_id)
    return client if client and client.enabled else None


def _uri(pairs: Pairs, client: Client | None) -> str:
    """An address that the client registered, letter for letter. Section 3."""
    sent = one(pairs, "post_logout_redirect_uri")
    if sent is None or client is None:
        return ""
    ours = client.allowed_logout_urls
    if sent not in ours:
        seen = contrast("post_logout_redirect_uri", nearest(sent, ours), sent)
        raise Refused(LOGOUT_MISMATCH, debug=f"{len(ours)} addresses are registered", seen=seen)
    return sent


def _is_of(hint: Hint, session: Session | None) -> bool:
    """The hint is about this session; where there is none, it has nothing to end. Section 2."""
    if session is None:
        return True
    return (session.id, session.owner.user) == (hint.session, hint.subject)
