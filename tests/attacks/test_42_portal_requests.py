"""Class 42: a parameter or a setting of a portal makes the server ask an address of the attacker's choice."""

import asyncio
import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from sekisho.faces.power_pages import visit
from sekisho.spec.portal.request import PortalRequest
from sekisho.tenant import Tenant
from tests.attacks.double import administrator
from tests.attacks.household import Household
from tests.attacks.portal_target import AUTHORIZE, CLIENT, GOOD, TOKEN, Portal, asks, authorizes, opened
from tests.attacks.target import MANAGEMENT

NAMES = (
    "ImplicitGrantFlow/RegisteredClientId", f"ImplicitGrantFlow/{CLIENT}/RedirectUri",
    "CustomCertificates/ImplicitGrantflow", "ImplicitGrantFlow/TokenExpirationTime",
    "HTTP/Access-Control-Allow-Origin", "Site/Upstream", "anything",
)  # fmt: skip


@pytest.fixture(scope="module")
def victim() -> Iterator[socket.socket]:
    """A port of this machine where nobody of ours has any business."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.setblocking(False)
        yield listening


def was_asked(victim: socket.socket) -> bool:
    """Somebody connected."""
    try:
        victim.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def addresses(victim: socket.socket) -> tuple[str, ...]:
    """The victim's, in several notations."""
    port = victim.getsockname()[1]
    return tuple(
        f"{scheme}://{host}:{port}/x" for scheme in ("http", "https") for host in ("127.0.0.1", "localhost")
    )


def tries(portal: Portal, victim: socket.socket) -> None:
    """Every parameter and header that could name an address does."""
    guest, stranger = portal.visitor(), portal.stranger()
    for address in addresses(victim):
        for name in ("redirect_uri", "client_id", "state", "nonce", "response_type", "request_uri", "jku"):
            for browser in (guest, stranger):
                authorizes(browser, **{name: address})
                asks(browser, **{**GOOD, name: address})
        stranger.send("GET", f"/SignIn?returnUrl={quote(address, safe='')}")
        told = {"origin": address, "referer": address, "x-forwarded-host": address, "x-original-url": address}
        for path in (TOKEN, AUTHORIZE, "/_services/auth/publickey"):
            guest.send("GET", path, headers=told)
            guest.send("OPTIONS", path, headers=told)


def test_nobody_is_asked(home: Household, victim: socket.socket) -> None:
    """What a portal is asked with, and what it is configured by, are texts that are only compared."""
    portal = opened(home)
    tries(portal, victim)
    with home.web(authorization=f"Bearer {administrator(home.tenant, MANAGEMENT)}") as web:
        for name in NAMES:
            for address in addresses(victim):
                answer = web.put(f"/api/v2/site-settings/{quote(name, safe='')}", json={"value": address})
                assert answer.status_code in (200, 400)
    tries(portal, victim)
    assert not was_asked(victim)


def test_a_look_at_the_page_bites(
    home: Household, victim: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a registered page that is visited to see whether it is there, the server asks for the attacker."""
    portal = opened(home)
    honest = visit.held

    async def curious(request: PortalRequest, tenant: Tenant, *, redirects: bool) -> None:
        port = victim.getsockname()[1]
        if f":{port}/" in (request.redirect_uri or ""):
            _, wire = await asyncio.open_connection("127.0.0.1", port)
            wire.close()
        await honest(request, tenant, redirects=redirects)

    assert not was_asked(victim)
    monkeypatch.setattr(visit, "held", curious)
    tries(portal, victim)
    assert was_asked(victim)
    while was_asked(victim):
        continue
