"""Classes 1, 2, 3, 5, 8: a portal's token goes to a page beside the registered one, or to another host."""

from urllib.parse import quote

import httpx
import pytest

from sekisho.registry.portal import site_settings
from sekisho.spec.portal import request as rules
from sekisho.spec.portal.request import PortalRequest
from tests.attacks.double import administrator
from tests.attacks.household import Household
from tests.attacks.portal_target import (
    AUTHORIZE,
    CLIENT,
    EVIL,
    GOOD,
    OTHER_CLIENT,
    OTHER_PAGE,
    PAGE,
    QUERIED,
    asks,
    authorizes,
    is_told,
    opened,
    token_at,
)
from tests.attacks.target import HOST, MANAGEMENT, ORIGIN, OTHER_HOST

BESIDE = (
    f"{PAGE}/", f"{PAGE}//", f"{PAGE}/.", f"{PAGE}/../landing", f"{PAGE};x", f"{PAGE}?", f"{PAGE}#",
    f"{PAGE}#token=x", f"{PAGE}?x=2", f"{PAGE}?X=1", f"{QUERIED}&y=2", f"{QUERIED}#x", f"{QUERIED}%00",
    PAGE.upper(), f"{ORIGIN}/Landing", f"HTTPS://{HOST}/landing", f"https://{HOST.upper()}/landing",
    f"{ORIGIN}/%6canding", f"{ORIGIN}/landin%67", f"{ORIGIN}%2flanding", f"{ORIGIN}/landing%2f",
    f"{ORIGIN}//landing", f"{ORIGIN}/./landing", f"{ORIGIN}/x/../landing", f"{ORIGIN}/%2e/landing",
    f"{ORIGIN}\\landing", f"{ORIGIN}/landing\\", f"{ORIGIN}/\\evil.example", quote(PAGE, safe=""),
    f"{ORIGIN}:443/landing", f"{ORIGIN}:8443/landing", f"{ORIGIN}:/landing", f"http://{HOST}/landing",
    f"https://x@{HOST}/landing", f"https://x:y@{HOST}/landing", f"https://@{HOST}/landing",
    f" {PAGE}", f"{PAGE} ", f"\t{PAGE}", f"{PAGE}\n", f"{PAGE}\r\nset-cookie: a=b", f"{PAGE}\u200b",
    f"https://{HOST}./landing", "//id.example.com/landing", "/landing", "landing", f"https:/{HOST}/landing",
    f"https:{HOST}/landing", "https:landing", "?", "#", OTHER_PAGE, f"{ORIGIN}/", ORIGIN,
    f"{ORIGIN}/l\u0430nding", "https://\uff49d.example.com/landing", f"{PAGE};{QUERIED}", f"{PAGE};",
    f"{PAGE}*", f"{ORIGIN}/*", "*", ".*", f"{ORIGIN}/.*", ";",
)  # fmt: skip
ELSEWHERE = (
    EVIL, f"{EVIL}/landing", f"{EVIL}#{PAGE}", f"{EVIL}?{PAGE}", f"{EVIL}/{PAGE}", "//evil.example/landing",
    "///evil.example", "\\\\evil.example", "/\\evil.example", "https:evil.example", "https:/evil.example",
    f"{ORIGIN}.evil.example/landing", f"{ORIGIN}@evil.example/landing", f"{ORIGIN}:443@evil.example/landing",
    f"{ORIGIN}%2eevil.example/", f"{ORIGIN}%40evil.example/", f"{ORIGIN}\\@evil.example/",
    f"{ORIGIN}#@evil.example/", f"{ORIGIN};@evil.example/", f"https://evil{HOST}/landing",
    "https://example.com/landing", f"https://x.{HOST}/landing", f"https://{OTHER_HOST}/landing",
    f"{PAGE};{EVIL}", f"{EVIL};{PAGE}", f"{PAGE},{EVIL}", f"{PAGE} {EVIL}", f"{PAGE}\n{EVIL}",
    "javascript:alert(document.domain)", "javascript://id.example.com/%0aalert(1)", "data:text/html,x",
    "vbscript:x", "blob:https://id.example.com/x", "file:///landing", "com.example.app:/landing",
    "http://127.0.0.1/landing", "http://localhost/landing", "urn:ietf:wg:oauth:2.0:oob",
)  # fmt: skip
# What an administrator may write is more than what a request may say, and still a page of this portal.
NO_PAGE = (
    *(uri for uri in ELSEWHERE if not uri.startswith((f"{EVIL};", f"{PAGE},"))),
    f"{ORIGIN}/a#", f"{ORIGIN}/a#b", f"{ORIGIN}\\a", f"{ORIGIN}/a\\b", f"{ORIGIN}:8443/a", f"{ORIGIN}:443/a",
    f"https://x@{HOST}/a", f"http://{HOST}/a", "//id.example.com/a", "/a", "a", f"https://{HOST}./a",
    f"https://{HOST.upper()}/a", f"{ORIGIN}/a\u0301", f"{ORIGIN}/a\x7f", f"{ORIGIN}/a\r\nb", f"{ORIGIN}/a/..",
    f"{ORIGIN}/t/demo/../acme/a", f"{ORIGIN}/t/demo/%2e%2e/acme/a", f"{ORIGIN}/t/demo/.%2E/acme/a",
    f"{ORIGIN}/./a",
)  # fmt: skip
NAME = f"ImplicitGrantFlow/{CLIENT}/RedirectUri"


def registers(home: Household, uri: str, slug: str = "demo", audience: str = MANAGEMENT) -> httpx.Response:
    """An administrator writes an address down."""
    tenant = home.directory.named(slug)
    assert tenant
    with home.web(HOST, authorization=f"Bearer {administrator(tenant, audience)}") as web:
        root = "" if slug == "demo" else f"/t/{slug}"
        return web.put(f"{root}/api/v2/site-settings/{quote(NAME, safe='')}", json={"value": uri})


def test_a_token_goes_to_the_registered_page_alone(home: Household) -> None:
    """Whatever is not letter for letter registered is refused with a document, at both endpoints."""
    guest = opened(home).visitor()
    for uri in (*BESIDE, *ELSEWHERE):
        is_told(authorizes(guest, redirect_uri=uri), "PortalSTS1002")
        for method in ("GET", "POST"):
            is_told(asks(guest, method, **{**GOOD, "redirect_uri": uri}), "PortalSTS1002")
    assert token_at(authorizes(guest))
    assert token_at(authorizes(guest, redirect_uri=QUERIED), QUERIED)


def test_a_page_is_of_one_client(home: Household) -> None:
    """What another client registered counts for that client only, and so does the name of a setting."""
    guest = opened(home).visitor()
    is_told(authorizes(guest, client_id=OTHER_CLIENT), "PortalSTS1002")
    is_told(authorizes(guest, redirect_uri=OTHER_PAGE), "PortalSTS1002")
    assert token_at(authorizes(guest, client_id=OTHER_CLIENT, redirect_uri=OTHER_PAGE), OTHER_PAGE)
    for client in (
        "../x",
        f"{CLIENT}/RedirectUri",
        f"x/../{CLIENT}",
        CLIENT.upper(),
        f"{CLIENT};",
        f" {CLIENT}",
    ):
        answer = authorizes(guest, client_id=client)
        assert answer.status_code == 400
        assert answer.json()["ErrorId"] in ("PortalSTS0001", "PortalSTS1004")


@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "code"},
        {"client_id": "nobody"},
        {"client_id": ""},
        {"client_id": "a_b"},
        {"state": "s" * 21},
        {"nonce": "n" * 21},
    ],
)
def test_no_error_leads_anywhere(home: Household, wrong: dict[str, str]) -> None:
    """Class 4: an error is never sent to an address, the registered one neither."""
    guest = opened(home).visitor()
    for uri in (PAGE, EVIL):
        answer = authorizes(guest, **{"redirect_uri": uri, **wrong})
        is_told(answer, answer.json()["ErrorId"])


def test_nobody_registers_another_host(home: Household) -> None:
    """An administrator of a portal writes down pages of this portal, however else an address is written."""
    for uri in NO_PAGE:
        for value in (uri, f"{PAGE};{uri}"):
            answer = registers(home, value)
            assert (answer.status_code, answer.json()["errorCode"]) == (400, "invalid_body"), value
    assert registers(home, f"{PAGE};{ORIGIN}/t/demo/a").status_code == 200


def test_a_portal_below_a_path_stays_there(home: Household) -> None:
    """A tenant that shares its host registers pages below its own path, and climbs to nobody else's."""
    audience = f"{ORIGIN}/t/acme/api/v2/"
    for path in (
        *("/landing", "/t/demo/landing", "/t/acme/../../landing", "/t/acme/%2e%2e/demo/landing"),
        *(
            "/t/ACME/landing",
            "/t//acme/landing",
            "/t/acme%2f..%2fdemo",
            "/t/acmee/landing",
            "/t/acme\\..\\demo",
        ),
    ):
        assert registers(home, f"{ORIGIN}{path}", "acme", audience).status_code == 400, path
    for uri in (f"{ORIGIN}/t/acme/landing", f"https://{OTHER_HOST}/landing"):
        assert registers(home, uri, "acme", audience).status_code == 200


def test_likeness_bites(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With addresses that only have to begin like the registered one, a stranger is handed the token."""
    guest = opened(home).visitor()
    portal = opened(home)
    portal.put(NAME, ORIGIN + "/")
    wanted = f"{ORIGIN}/../x"
    is_told(authorizes(guest, redirect_uri=wanted), "PortalSTS1002")

    def alike(request: PortalRequest, registered: tuple[str, ...]) -> None:
        assert any((request.redirect_uri or "").startswith(each.rstrip("/")) for each in registered)

    monkeypatch.setattr(rules, "redirect_is_registered", alike)
    for uri in (wanted, f"{ORIGIN}.evil.example/", f"{ORIGIN}@evil.example/"):
        assert token_at(authorizes(guest, redirect_uri=uri), uri)


def test_unchecked_pages_bite(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With settings that nobody looks at, the token of whoever follows a link goes to another host."""
    assert registers(home, EVIL).status_code == 400
    monkeypatch.setattr(site_settings, "_is_of_this_portal", lambda *_: None)
    portal = opened(home)
    assert registers(home, EVIL).status_code == 200
    answer = portal.visitor().send("GET", f"{AUTHORIZE}?client_id={CLIENT}&redirect_uri={EVIL}")
    assert token_at(answer, EVIL)
