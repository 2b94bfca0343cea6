"""Where a request arrived, and whose tokens are whose."""

import pytest

from sekisho.spec.address import Addresses, Place, domain_is_sound, origin_is_sound, slug_is_free

PRODUCTION = Addresses(
    "https://id.example.com",
    owners={"login.acme.example": "A", "beta.example:8443": "B"},
    slugs={"acme": "A", "beta": "B", "demo": "D"},
    default="D",
)
DEVELOPMENT = Addresses("http://localhost:8000", slugs={"demo": "D"}, default="D", development=True)


@pytest.mark.parametrize(
    ("host", "path", "place"),
    [
        ("id.example.com", "/oauth/token", Place("D", "https://id.example.com", "/oauth/token")),
        ("id.example.com", "/t/acme/authorize", Place("A", "https://id.example.com/t/acme", "/authorize")),
        ("id.example.com", "/t/acme", Place("A", "https://id.example.com/t/acme", "/")),
        ("login.acme.example", "/authorize", Place("A", "https://login.acme.example", "/authorize")),
        ("login.acme.example", "/t/acme/x", Place("A", "https://login.acme.example/t/acme", "/x")),
        ("beta.example:8443", "/", Place("B", "https://beta.example:8443", "/")),
        (
            "id.example.com",
            "/.well-known/oauth-authorization-server/t/acme/",
            Place("A", "https://id.example.com/t/acme", "/.well-known/oauth-authorization-server"),
        ),
        ("id.example.com", "/.well-known/oauth-authorization-server/t/nobody", None),
        ("id.example.com", "/t/nobody/x", None),
        ("id.example.com", "/t/ACME/x", None),
        ("id.example.com", "/t//x", None),
    ],
)
def test_finds_the_tenant_of_an_address(host: str, path: str, place: Place | None) -> None:
    """A request finds its tenant by its host, then by its path prefix, then the default one."""
    assert PRODUCTION.locate(host, path) == place


def test_a_host_of_one_tenant_never_serves_another() -> None:
    """A path prefix does not reach across a host that a tenant owns."""
    assert PRODUCTION.locate("login.acme.example", "/t/beta/authorize") is None


def test_no_default_tenant_no_answer() -> None:
    """Without a default tenant a shared host serves only prefixes."""
    assert Addresses("https://id.example.com", slugs={"a": "A"}).locate("id.example.com", "/") is None


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("ID.Example.com", "id.example.com"),
        ("id.example.com:443", "id.example.com"),
        ("id.example.com:8443", "id.example.com:8443"),
        ("[::1]:8000", "[::1]:8000"),
        ("", None),
        ("evil.example/id.example.com", None),
        ("user@id.example.com", None),
        ("id.example.com\\@evil", None),
        ("id.example.com:80:90", None),
        ("a b", None),
    ],
)
def test_a_host_header_has_one_form(header: str, host: str | None) -> None:
    """Hosts compare in lower case without the default port; what is no host is none."""
    assert PRODUCTION.host(header) == host


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "127.0.0.1", "id.example.com:8443", "x.localhost"]
)
def test_unknown_hosts_are_not_ours(host: str) -> None:
    """A host that was not configured is refused, loopback included, outside of development."""
    assert not PRODUCTION.knows(host)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("acme.localhost:8000", True),
        ("localhost", False),
        ("localhost:8001", False),
        ("localhost.evil.example:8000", False),
        ("evillocalhost:8000", False),
        ("10.0.0.1:8000", False),
    ],
)
def test_development_knows_loopback(host: str, known: bool) -> None:
    """In development the loopback names are known, at the port we listen on and no other."""
    assert DEVELOPMENT.knows(host) is known


@pytest.mark.parametrize(
    ("issuer", "tenant"),
    [
        ("https://id.example.com/", "D"),
        ("https://id.example.com/t/acme/", "A"),
        ("https://login.acme.example/", "A"),
        ("https://login.acme.example/t/beta/", None),
        ("https://id.example.com", None),
        ("http://id.example.com/", None),
        ("https://id.example.com/t/acme/x/", None),
        ("https://id.example.com/t/nobody/", None),
        ("https://evil.example/", None),
        ("https://id.example.com@evil.example/", None),
        ("https://ID.example.com/", None),
        ("https://id.example.com/?x=/", None),
    ],
)
def test_an_issuer_stands_for_one_tenant(issuer: str, tenant: str | None) -> None:
    """Issuers are compared letter by letter with the addresses that we answer at. RFC 9207 section 2.4."""
    assert PRODUCTION.tenant_of(issuer) == tenant


@pytest.mark.parametrize(
    ("slug", "free"),
    [
        ("acme", True),
        ("a-1", True),
        ("-a", False),
        ("A", False),
        ("a" * 64, False),
        ("authorize", False),
        ("common", False),
        ("_services", False),
        (".well-known", False),
        ("", False),
        ("a.b", False),
    ],
)
def test_slugs_hide_no_path(slug: str, free: bool) -> None:
    """A slug is one DNS label and none of the reserved words."""
    assert slug_is_free(slug) is free


def test_domains_and_origins_are_checked() -> None:
    """A domain is a host, an origin is scheme and host, and nothing hides behind either."""
    assert domain_is_sound("id.example.com:8443")
    assert not domain_is_sound("id.example.com/x")
    assert origin_is_sound("https://id.example.com:8443")
    assert not origin_is_sound("https://id.example.com/")
    assert not origin_is_sound("ftp://id.example.com")
    assert not origin_is_sound("https://user@id.example.com")
