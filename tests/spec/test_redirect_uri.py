"""Where answers may be sent, and everything that only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec import redirect_uri
from sekisho.spec.contrast import WITHHELD, Contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import RETURN_MISMATCH

HTTPS = "https://app.example.com/cb"
QUERY = "https://app.example.com/cb?tenant=1"
CUSTOM = "com.example.app:/cb"
REGISTERED = [(HTTPS, "web"), (QUERY, "web"), (CUSTOM, "public")]
LOOPBACK = "http://127.0.0.1/cb"


@pytest.mark.parametrize("sent", [HTTPS, QUERY, CUSTOM])
def test_a_registered_address_is_right(sent: str) -> None:
    """Letter for letter as it was registered. RFC 9700 section 4.1.3."""
    assert redirect_uri.chosen(sent, REGISTERED, openid=True) == sent


@pytest.mark.parametrize(
    "sent",
    [
        # Class 1: siblings, parents, children, paths that climb.
        "https://app.example.com/",
        "https://app.example.com/cb/",
        "https://app.example.com/cb/x",
        "https://app.example.com/cbx",
        "https://app.example.com/cb/../evil",
        "https://app.example.com/cb/%2e%2e/evil",
        "https://app.example.com/x/../cb",
        "https://app.example.com//cb",
        "https://evil.app.example.com/cb",
        "https://app.example.com.evil.com/cb",
        "https://*.example.com/cb",
        # Class 2: what a pattern would let through.
        "https://appxexample.com/cb",
        # Class 3: who is the host?
        "https://app.example.com@evil.com/cb",
        "https://app.example.com:443@evil.com/cb",
        "https://user@app.example.com/cb",
        "https://evil.com\\@app.example.com/cb",
        "https://evil.com#@app.example.com/cb",
        # Class 5: programs instead of addresses.
        "javascript:alert(1)//https://app.example.com/cb",
        "data:text/html,https://app.example.com/cb",
        "//app.example.com/cb",
        "/cb",
        # Class 7: what is already in the query or the fragment.
        "https://app.example.com/cb?code=stolen",
        "https://app.example.com/cb?",
        "https://app.example.com/cb#",
        "https://app.example.com/cb#x",
        "https://app.example.com/cb?tenant=2",
        "https://app.example.com/cb?tenant=1&x=y",
        # Class 8: case, dots, ports, other alphabets, bytes that are no characters.
        "HTTPS://app.example.com/cb",
        "https://APP.example.com/cb",
        "https://app.example.com/CB",
        "https://app.example.com./cb",
        "https://app.example.com:443/cb",
        "https://app.example.com:8443/cb",
        "https://xn--app-exmple.com/cb",
        "https://app.exаmple.com/cb",
        "https://app。example.com/cb",
        "https://app.example.com/%63b",
        " https://app.example.com/cb",
        "https://app.example.com/cb ",
        "https://app.example.com/cb\n",
        "https://app.example.com/cb\x00",
        "https://app.example.com/cb%00",
        "http://app.example.com/cb",
        "com.example.app:/cb/x",
        "com.example.app://cb",
        "",
    ],
)
def test_refuses_what_only_looks_like_it(sent: str) -> None:
    """Anything else is refused, however alike it is. RFC 9700 section 4.1.3, classes 1-3, 5, 7, 8."""
    with pytest.raises(Refused, match="redirect_mismatch"):
        redirect_uri.chosen(sent, REGISTERED, openid=True)


@given(st.text())
def test_no_other_text_is_an_address(sent: str) -> None:
    """What is not registered is refused, whatever it is."""
    if sent not in (HTTPS, QUERY, CUSTOM):
        with pytest.raises(Refused, match="redirect_mismatch"):
            redirect_uri.chosen(sent, REGISTERED, openid=True)


@pytest.mark.parametrize(
    ("registered", "sent"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb", "http://[::1]:51004/cb"),
        ("http://localhost/cb?x=1", "http://localhost:3000/cb?x=1"),
        ("http://localhost", "http://localhost:3000"),
    ],
)
def test_a_native_client_chooses_its_port(registered: str, sent: str) -> None:
    """On loopback any port will do for a native client, and for no other. RFC 8252 section 7.3."""
    assert redirect_uri.chosen(sent, [(registered, "public")], openid=True) == sent
    for kind in ("web", "spa"):
        with pytest.raises(Refused, match="redirect_mismatch"):
            redirect_uri.chosen(sent, [(registered, kind)], openid=True)


@pytest.mark.parametrize(
    "sent",
    [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/cb?x=1",
        "http://127.0.0.1:51004/cb#x",
        "http://127.0.0.1:51004",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:123456/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:00080/cb",
        "http://127.0.0.1:80@evil.com/cb",
        "http://127.0.0.1:٣/cb",
        "http://127.0.0.1.evil.com/cb",
        "http://127.0.0.2/cb",
        "http://127.1/cb",
        "http://2130706433/cb",
        "http://localhost:51004/cb",
        "http://localhost.evil.com/cb",
        "http://[::1]:51004/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "https://127.0.0.1:51004/cb",
        "http://127.0.0.1:51004/cb\n",
        "http://127.0.0.1#@evil.com/cb",
    ],
)
def test_only_the_port_may_differ(sent: str) -> None:
    """Host, path and query stay what they are. RFC 8252 section 7.3, classes 3 and 8."""
    with pytest.raises(Refused, match="redirect_mismatch"):
        redirect_uri.chosen(sent, [(LOOPBACK, "public")], openid=True)


def test_a_port_is_nobodys_choice_elsewhere() -> None:
    """Another host than loopback has the port that was registered."""
    with pytest.raises(Refused, match="redirect_mismatch"):
        redirect_uri.chosen(
            "http://app.example.com:81/cb", [("http://app.example.com/cb", "public")], openid=True
        )


def test_the_only_address_need_not_be_sent() -> None:
    """OAuth lets a client leave it out if there is one; OpenID Connect does not. RFC 6749 section 3.1.2.3."""
    assert redirect_uri.chosen(None, [(HTTPS, "web")], openid=False) == HTTPS
    for registered, openid in (([(HTTPS, "web")], True), (REGISTERED, False), ([], False)):
        with pytest.raises(Refused, match="redirect_mismatch"):
            redirect_uri.chosen(None, registered, openid=openid)


@pytest.mark.parametrize(
    ("sent", "nearest"),
    [
        ("https://app.example.com/cb/", HTTPS),
        ("HTTPS://APP.example.com/cb", HTTPS),
        ("http://app.example.com/cb", HTTPS),
        ("https://app.example.com/cb?tenant=2", QUERY),
        ("com.example.app:/cb/x", CUSTOM),
    ],
)
def test_tells_the_nearest_address(sent: str, nearest: str) -> None:
    """Whoever has to put it right sees what came beside the registered address that is most like it."""
    with pytest.raises(Refused) as refused:
        redirect_uri.chosen(sent, REGISTERED, openid=True)
    assert refused.value.seen == Contrast("redirect_uri", nearest, sent)


def test_tells_what_there_is_to_choose_from() -> None:
    """Where none was sent, or none is registered, that is what is told; a secret in an address is not."""
    for sent, registered, seen in (
        (None, REGISTERED, (f"{HTTPS} {QUERY} {CUSTOM}", "")),
        (None, [], ("", "")),
        (HTTPS, [], ("", HTTPS)),
        (f"{HTTPS}?code=stolen&x=1", [(HTTPS, "web")], (HTTPS, f"{HTTPS}?code={WITHHELD}&x=1")),
    ):
        with pytest.raises(Refused) as refused:
            redirect_uri.chosen(sent, registered, openid=True)
        assert refused.value.seen == Contrast("redirect_uri", *seen)


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://app.example.com/cb?x=1", "https://app.example.com"),
        ("https://APP.example.com:443/cb", "https://app.example.com"),
        ("http://localhost:3000/cb", "http://localhost:3000"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://[::1]:8443/cb", "https://[::1]:8443"),
        ("https://app.example.com@evil.com/cb", "https://evil.com"),
        ("com.example.app:/cb", ""),
        ("javascript://app.example.com/%0aalert(1)", ""),
        ("https://app.example.com:99999/cb", ""),
        ("https://[::1/cb", ""),
        ("https://日本.example/cb", ""),
        ("https:///cb", ""),
        ("", ""),
    ],
)
def test_the_origin_of_a_page(uri: str, origin: str) -> None:
    """As browsers write it: lower case, without the usual port; nothing for what is no page. RFC 6454."""
    assert redirect_uri.origin(uri) == origin


BACK = ("https://app.example.com/bye", "https://app.example.com/other?from=us", "com.example.app:/bye")


@pytest.mark.parametrize(
    "sent",
    [
        *BACK,
        "https://app.example.com/bye?x=1",
        "https://app.example.com/bye#x?y",
        "https://app.example.com/bye?#",
        "https://app.example.com/other",
        "https://app.example.com/other?from=them#x",
        "com.example.app:/bye?x",
    ],
)
def test_signing_out_leads_to_an_allowed_path(sent: str) -> None:
    """Query and fragment do not count, on either side, and stay as they came."""
    assert redirect_uri.back(sent, BACK) == sent


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "https://app.example.com/bye/",
        "https://app.example.com/BYE",
        "https://app.example.com",
        "https://evil.example/?https://app.example.com/bye",
        "https://app.example.com/bye?\r\nx: y",
        "https://app.example.com/bye?a b",
        "https://app.example.com/bye?\\",
        "https://app.example.com/bye?" + "x" * 2_048,
    ],
)
def test_signing_out_leads_nowhere_else(sent: str) -> None:
    """Another path, and what no header carries, are refused, and the nearest allowed address is told."""
    with pytest.raises(Refused, match=RETURN_MISMATCH.slug) as refused:
        redirect_uri.back(sent, BACK)
    assert refused.value.seen
    assert refused.value.seen.name == "returnTo"
    with pytest.raises(Refused, match=RETURN_MISMATCH.slug):
        redirect_uri.back(sent, ())


@given(st.text(min_size=1))
def test_whatever_is_behind_an_allowed_path_ends_at_it(behind: str) -> None:
    """No text behind it makes another address of it: the part that names a host is an allowed one's."""
    try:
        sent = redirect_uri.back(BACK[0] + behind, BACK)
    except Refused:
        return
    assert behind.startswith(("?", "#"))
    assert redirect_uri.origin(sent) == "https://app.example.com"
