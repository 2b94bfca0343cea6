"""The way into the dashboard: the server's own code flow with PKCE, pushed where the tenant takes that."""

import hmac
import re
import secrets
import uuid
from urllib.parse import urlencode, urlsplit

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.artifact import Console, Owner
from sekisho.model.client import DASHBOARD
from sekisho.model.step import Note, Put
from sekisho.oauth import par, token
from sekisho.pages import forms
from sekisho.pages.dashboard.administrator import COOKIE
from sekisho.people import sessions
from sekisho.registry import dashboard_client
from sekisho.spec.browser import cookie
from sekisho.spec.browser.csrf import origin_of
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.jose import decode, encode
from sekisho.spec.pkce import s256
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import FLOW_LOST
from sekisho.tenant import Tenant
from sekisho.tokens import id_token

HOME, CALLBACK = "/dashboard", "/dashboard/callback"
# The secret of a browser that is on its way in: PKCE's verifier, and what `state` is bound to.
KNOCK = "knock"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
LIFETIME = 8 * 3_600.0
ON_THE_WAY = 3_600  # seconds that somebody may take to sign in


async def knock(ask: Ask, tenant: Tenant, *, anew: bool = False) -> Answer:
    """Off to sign in, and back to the page that was asked for; `anew`: also who is signed in."""
    name = cookie.name_of(KNOCK, tenant.record.slug, ask)
    known = cookie.read(ask, name)
    secret = known if _SECRET.fullmatch(known) else secrets.token_urlsafe(32)
    callback = f"{ask.root}{CALLBACK}"
    actor = Actor(address=ask.address, correlation=ask.correlation)
    await dashboard_client.wanted(tenant, callback, actor)
    spoken = one(ask.query, "ui_locales") or ""
    told = [
        ("client_id", DASHBOARD),
        ("response_type", "code"),
        ("redirect_uri", callback),
        ("scope", "openid"),
        ("state", _state(secret, _wanted(ask), tenant)),
        ("code_challenge", s256(secret)),
        ("code_challenge_method", "S256"),
        ("prompt", "login" if anew else ""),
        ("ui_locales", spoken),
    ]
    request = await _pushed(tuple(pair for pair in told if pair[1]), ask, tenant)
    kept = cookie.kept(ask, name, secret, seconds=ON_THE_WAY)
    return forms.redirect(f"{ask.root}/authorize?{urlencode(request)}", (kept,))


async def callback(ask: Ask, tenant: Tenant) -> Answer:
    """GET /dashboard/callback: the code becomes a console of this browser."""
    secret = cookie.read(ask, cookie.name_of(KNOCK, tenant.record.slug, ask))
    path = _path(secret, one(ask.query, "state") or "", tenant)
    if one(ask.query, "error"):
        # Who does not want to sign in is not asked again and again.
        return forms.redirect(f"{ask.root}/")
    form = (
        ("grant_type", "authorization_code"),
        ("client_id", DASHBOARD),
        ("code", one(ask.query, "code") or ""),
        ("redirect_uri", f"{ask.root}{CALLBACK}"),
        ("code_verifier", secret),
    )
    told = await token.token(replace(ask, method="POST", form=form, query=()), tenant)
    assert isinstance(told.json, dict)  # noqa: S101 - it is the answer of a token endpoint
    _, _, sid = id_token.hinted(told.json["id_token"], tenant)
    return forms.redirect(origin_of(ask.root) + path, (await _begun(sid, ask, tenant),))


async def _begun(sid: str, ask: Ask, tenant: Tenant) -> tuple[str, str]:
    """A console that ends with the session of this browser, and the header that keeps it there."""
    session = await sessions.current(ask, tenant)
    if session is None or session.id != sid:
        raise Refused(FLOW_LOST, debug="the code is of another session than this browser has")
    now, handle, user = tenant.now(), secrets.token_urlsafe(32), session.owner.user
    console = Console(
        id=str(uuid.uuid4()),
        owner=Owner(tenant=tenant.id, session=session.id, user=user),
        born=session.born,
        expires_at=min(now + LIFETIME, session.born + tenant.policy.session_lifetime),
        auth_time=session.auth_time,
    )
    facts = {"user": user, "address": ask.address, "correlation": ask.correlation}
    note = Note(tenant.audit.event(tenant.id, "dashboard_entered", **facts))
    if lost := await tenant.store.write(Put(console, handle), note):
        raise Refused(FLOW_LOST, debug=f"the session ended meanwhile: {lost.why}")
    return cookie.kept(ask, cookie.name_of(COOKIE, tenant.record.slug, ask), handle)


async def _pushed(request: Pairs, ask: Ask, tenant: Tenant) -> Pairs:
    """A tenant that wants pushed requests gets one from its own dashboard, too."""
    if not tenant.policy.pushing_allowed:
        return request
    told = (await par.push(replace(ask, method="POST", form=request, query=()), tenant)).json
    assert isinstance(told, dict)  # noqa: S101 - it is the answer of the endpoint
    return (("client_id", DASHBOARD), ("request_uri", told["request_uri"]))


def _wanted(ask: Ask) -> str:
    """The page that somebody asked for; what was posted begins at the first one again."""
    home = urlsplit(ask.root).path
    if ask.method not in ("GET", "HEAD"):
        return home + HOME
    kept = urlencode([pair for pair in ask.query if pair[0] != "done"])
    return forms.return_to(home + ask.path + (f"?{kept}" if kept else "")) or home + HOME


def _state(secret: str, path: str, tenant: Tenant) -> str:
    return f"{_mac(secret, path, tenant)}.{encode(path.encode()).decode()}"


def _path(secret: str, state: str, tenant: Tenant) -> str:
    """The page to go to, as this browser asked for it; what another one began ends here."""
    mac, _, rest = state.partition(".")
    try:
        path = decode(rest.encode()).decode()
    except ValueError:
        path = ""
    proof = _mac(secret, path, tenant).encode()
    is_ours = _SECRET.fullmatch(secret) and hmac.compare_digest(mac.encode(), proof)
    if not is_ours or not forms.return_to(path):
        raise Refused(FLOW_LOST, debug="the state is not of this browser")
    return path


def _mac(secret: str, path: str, tenant: Tenant) -> str:
    bound = f"dashboard {tenant.id} {secret} {path}"
    return encode(hmac.digest(tenant.tools.sealer.mac_key, bound.encode(), "sha256")).decode()
