"""Reply URLs of a type: which one is meant, and how what was sent there is redeemed."""

from string import printable
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.spec.entra import reply
from sekisho.spec.refusal import Refused

LABEL, BELOW = "https://*.example.com/cb", "https://app.example.com/in/*"
REGISTERED = (
    ("https://app.example.com/cb", "web"),
    ("https://app.example.com/Cb/", "web"),
    ("https://bare.example.com", "spa"),
    ("https://slash.example.com/", "spa"),
    ("http://localhost/back", "public"),
    ("http://127.0.0.1:4000/back?x=1", "public"),
    ("com.example.app://done", "public"),
)
WILD = ((LABEL, "web"), (BELOW, "spa"))


def found(sent: str | None, registered: reply.Registered = REGISTERED) -> tuple[str, str] | None:
    """The address and its type; None where none is meant."""
    try:
        return reply.chosen(sent, registered)
    except Refused as refused:
        return None if refused.reason.slug == "redirect_mismatch" else ("", refused.reason.slug)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("https://app.example.com/cb", "web"),
        ("https://app.example.com/Cb/", "web"),
        ("https://bare.example.com", "spa"),
        ("https://bare.example.com/", "spa"),
        ("https://slash.example.com", "spa"),
        ("https://slash.example.com/", "spa"),
        ("http://localhost/back", "public"),
        ("http://localhost:54321/back", "public"),
        ("http://127.0.0.1:1/back?x=1", "public"),
        ("com.example.app://done", "public"),
    ],
)
def test_is_the_registered_one(sent: str, kind: str) -> None:
    """Letter for letter; the port of this machine is of no matter, nor a slash that is the whole path."""
    assert found(sent) == (sent, kind)


@pytest.mark.parametrize(
    "sent",
    [
        "https://app.example.com/CB",
        "https://app.example.com/cb/",
        "https://app.example.com/Cb",
        "https://app.example.com/cb?x=1",
        "https://app.example.com/cb#x",
        "https://app.example.com:443/cb",
        "https://app.example.com:8443/cb",
        "https://APP.example.com/cb",
        "http://app.example.com/cb",
        "https://bare.example.com//",
        "https://bare.example.com/?",
        "http://localhost/other",
        "http://localhost:1/back#",
        "https://localhost/back",
        "http://localhost:99999/back",
        "http://localhost:x/back",
        "http://localhost.evil.example/back",
        "http://localhost@evil.example/back",
        "http://me@localhost/back",
        "http://me:too@localhost/back",
        "http://[::1]/back",
        "http://127.0.0.2/back",
        "http://127.0.0.1:1/back",
        "http://[localhost/back",
        "com.example.app://done/more",
        "https://app.example.com/*",
        "https://app.example.com/c b",
        "https://app.example.com/cb\n",
        f"https://app.example.com/cb{'b' * 2_048}",
    ],
)
def test_is_no_other_one(sent: str) -> None:
    """What differs in anything else is nobody's: redirect_mismatch."""
    assert found(sent) is None


@pytest.mark.parametrize(
    ("sent", "address", "kind"),
    [
        ("https://one.example.com/cb", "https://one.example.com/cb", "web"),
        ("https://ONE.example.com/cb", "https://ONE.example.com/cb", "web"),
        ("https://one.example.com/cb?x=1", "https://one.example.com/cb", "web"),
        ("https://one.example.com/cb#x", "https://one.example.com/cb", "web"),
        ("https://app.example.com/in/", "https://app.example.com/in/", "spa"),
        ("https://app.example.com/in/deep/er?x#y", "https://app.example.com/in/deep/er", "spa"),
    ],
)
def test_a_pattern_covers_a_label_or_the_rest_of_a_path(sent: str, address: str, kind: str) -> None:
    """What follows the path of an address that a pattern covers is dropped."""
    assert found(sent, WILD) == (address, kind)


@pytest.mark.parametrize(
    "sent",
    [
        "https://a.b.example.com/cb",
        "https://example.com/cb",
        "https://.example.com/cb",
        "https://evil.example/.example.com/cb",
        "https://evil.example\\.example.com/cb",
        "https://evilexample.com/cb",
        "https://me@one.example.com/cb",
        "https://one.example.com:8443/cb",
        "https://one.example.com:x/cb",
        "https://one_two.example.com/cb",
        "http://one.example.com/cb",
        "https://one.example.com/cb/",
        "https://one.example.com/",
        "https://*.example.com/cb",
        "https://app.example.com/in",
        "https://app.example.com/in/../out",
        "https://app.example.com/in/..;/out",
        "https://app.example.com/in/./x",
        "https://app.example.com/in/%2e%2e/out",
        "https://app.example.com/in/..\\out",
        "https://other.example.com/in/x",
    ],
)
def test_a_pattern_covers_nothing_else(sent: str) -> None:
    """One label of letters, digits and hyphens; no path that climbs; nothing but https on the same port."""
    assert found(sent, WILD) is None


def test_a_pattern_is_for_https_alone() -> None:
    """A pattern that came here by mistake covers nothing that is not https."""
    assert found("http://one.example.com/cb", (("http://*.example.com/cb", "web"),)) is None


def test_an_exact_address_goes_before_a_pattern() -> None:
    """Where both fit, the exact one says the type, and keeps its query."""
    exact = "https://one.example.com/cb?x=1"
    assert found(exact, (*WILD, (exact, "public"))) == (exact, "public")


def test_where_none_is_named_it_is_the_first_plain_one() -> None:
    """A pattern is no address; with nothing else one has to be named: missing_parameter."""
    assert found(None, (*WILD, *REGISTERED)) == REGISTERED[0]
    with pytest.raises(Refused) as refused:
        reply.chosen(None, WILD)
    assert refused.value.reason.slug == "missing_parameter"


@pytest.mark.parametrize(
    ("sent", "fits"),
    [
        ("https://app.example.com/cb", True),
        ("http://localhost:5/back", True),
        ("https://one.example.com/cb", False),
        (LABEL, False),
        ("https://app.example.com/cb\n", False),
        ("https://app.example.com/", False),
    ],
)
def test_no_pattern_stands_for_where_people_leave_to(sent: str, fits: bool) -> None:
    """An address for afterwards is a registered one, and none that a pattern covers."""
    urls = [url for url, _ in (*REGISTERED, *WILD)]
    assert reply.is_one_of(sent, urls) is fits


@pytest.mark.parametrize(
    ("url", "shared"),
    [
        ("http://localhost/back", "http://localhost:*"),
        ("http://localhost:3000/back", "http://localhost:*"),
        ("https://one.example.com/cb", "https://*.example.com"),
        ("https://one.example.com:8443/cb", "https://*.example.com:8443"),
        (LABEL, "https://*.example.com"),
        ("https://intranet/cb", ""),
        ("https://one.example.com:x/cb", ""),
        ("com.example.app:/done", ""),
    ],
)
def test_pages_like_each_other_share_an_origin(url: str, shared: str) -> None:
    """Any port of this machine is one origin, and so is any one label before a domain."""
    assert reply.shared_origin(url) == shared


@given(st.text(printable, max_size=40), st.sampled_from(["", "/cb", "/cb?x", "@example.com/cb", "#"]))
def test_no_pattern_crosses_the_border_of_a_label(middle: str, end: str) -> None:
    """Whatever stands in the place of the star, the host has one label more than the pattern's own."""
    sent = f"https://{middle}.example.com{end}"
    address = found(sent, WILD[:1])
    if address:
        host = urlsplit(address[0]).hostname or ""
        assert host.endswith(".example.com")
        assert host.count(".") == 2
        assert address[0] == f"https://{middle}.example.com/cb"


# kind, proof, by a page, challenged → refused how
ROWS = [
    ("web", "1", False, False, ""),
    ("web", "2", False, True, ""),
    ("web", "0", False, True, "proof_missing"),
    ("web", "1", True, True, "origin_unfit"),
    ("web", "0", True, True, "origin_unfit"),
    ("spa", "0", True, True, ""),
    ("spa", "0", False, True, "origin_missing"),
    ("spa", "0", True, False, "origin_needs_challenge"),
    ("spa", "1", True, True, "proof_unfit"),
    ("spa", "1", False, False, "origin_missing"),
    ("public", "0", False, False, ""),
    ("public", "0", True, True, "origin_unfit"),
    ("public", "2", False, True, "proof_unfit"),
]


@pytest.mark.parametrize(("kind", "proof", "by_page", "challenged", "slug"), ROWS)
def test_is_redeemed_by_whose_address_it_was(
    kind: str, proof: str, by_page: bool, challenged: bool, slug: str
) -> None:
    """Servers prove themselves, pages come from their origin with a challenge, programs have no secret."""
    if not slug:
        reply.is_redeemed_by(kind, proof, by_page=by_page, challenged=challenged)
        return
    with pytest.raises(Refused) as refused:
        reply.is_redeemed_by(kind, proof, by_page=by_page, challenged=challenged)
    assert refused.value.reason.slug == slug
