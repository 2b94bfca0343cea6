"""How far we reach: addresses and URLs, with the tricks that were ever played on either."""

import pytest

from sekisho.spec.reach import (
    CLOSED_4,
    CLOSED_6,
    LONGEST_URL,
    Destination,
    address_is_public,
    destination,
    url_is_fetchable,
)
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import FETCH_REFUSED

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001:800::200e",
    "64:ff9b::8.8.8.8",
    "64:ff9b::101:101",
]
CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "64:ff9b:1::1",
    "64:ff9b:0:0:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2606:4700::5efe:127.0.0.1",
    "2606:4700::200:5efe:10.0.0.1",
    "2606:4700:4700::1111%1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "",
    "example.com",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "010.8.8.8",
    "8.8.8.8 ",
    "8.8.8.8:443",
    "[2606:4700:4700::1111]",
]
FETCHABLE = [
    ("https://example.com", Destination("https", "example.com", 443, "/")),
    ("https://example.com/", Destination("https", "example.com", 443, "/")),
    ("https://example.com:443/jwks", Destination("https", "example.com", 443, "/jwks")),
    ("https://example.com:8443/jwks", Destination("https", "example.com", 8443, "/jwks")),
    ("https://example.com:1024/", Destination("https", "example.com", 1024, "/")),
    ("https://example.com:65535/", Destination("https", "example.com", 65535, "/")),
    ("HTTPS://Login.EXAMPLE.com/Keys", Destination("https", "login.example.com", 443, "/Keys")),
    ("https://example.com?a=b", Destination("https", "example.com", 443, "/?a=b")),
    ("https://example.com/a?b=c?d/e", Destination("https", "example.com", 443, "/a?b=c?d/e")),
    ("https://example.com/a@b:c", Destination("https", "example.com", 443, "/a@b:c")),
    ("https://example.com/%7Ekeys", Destination("https", "example.com", 443, "/%7Ekeys")),
    ("https://xn--eckwd4c7c.xn--zckzah/", Destination("https", "xn--eckwd4c7c.xn--zckzah", 443, "/")),
    ("https://127.0.0.1.example.com/", Destination("https", "127.0.0.1.example.com", 443, "/")),
    ("https://localhost.example.com/", Destination("https", "localhost.example.com", 443, "/")),
    ("https://thelocal.example/", Destination("https", "thelocal.example", 443, "/")),
]
MALFORMED = "it is malformed or too long, or has a fragment"
SCHEME = "its scheme has to be https"
USER = "it names a user"
HOST = "its host has to be a public name"
PORT = "its port has to be 443, or 1024 and above"
REFUSED = [
    ("", MALFORMED),
    ("example.com", MALFORMED),
    ("//example.com/", MALFORMED),
    ("https:example.com", MALFORMED),
    ("https:/example.com", MALFORMED),
    ("://example.com", MALFORMED),
    (" https://example.com/", MALFORMED),
    ("https://example.com/ ", MALFORMED),
    ("https://example.com/\n", MALFORMED),
    ("https://example.com/\r\nHost: inside", MALFORMED),
    ("https://example.com/\tx", MALFORMED),
    ("https://example.com/\0", MALFORMED),
    ("https://example.com\\@inside.example/", MALFORMED),
    ("https:\\\\example.com/", MALFORMED),
    ("https://example.com/#fragment", MALFORMED),
    ("https://example.com#@inside.example/", MALFORMED),
    ("https://example.com/%", MALFORMED),
    ("https://example.com/%0", MALFORMED),
    ("https://example.com/%zz", MALFORMED),
    ("https://example.com/{x}", MALFORMED),
    ('https://example.com/"', MALFORMED),
    ("https://example.com:443:443/", MALFORMED),
    ("https://[::1/", MALFORMED),
    ("https://::1]/", MALFORMED),
    ("https://例え.テスト/", MALFORMED),
    ("https://bücher.example/", MALFORMED),
    ("https://ⓔxample.com/", MALFORMED),
    ("https://127。0。0。1/", MALFORMED),
    ("https://１２７.0.0.1/", MALFORMED),
    ("https://example.com/ü", MALFORMED),
    ("https://example.com/" + "a" * LONGEST_URL, MALFORMED),
    ("http://example.com/", SCHEME),
    ("ftp://example.com/", SCHEME),
    ("file:///keys", SCHEME),
    ("gopher://example.com/", SCHEME),
    ("httpss://example.com/", SCHEME),
    ("https+unix://example.com/", SCHEME),
    ("https://user@example.com/", USER),
    ("https://user:password@example.com/", USER),
    ("https://@example.com/", USER),
    ("https://example.com@127.0.0.1/", USER),
    ("https://example.com:443@inside.example/", USER),
    ("https://a@b@example.com/", USER),
    ("https://example.com%40inside.example/", HOST),
    ("https://example.com%2f@inside.example/", USER),
    ("https:///keys", HOST),
    ("https://:443/", HOST),
    ("https://?keys", HOST),
    ("https://localhost/", HOST),
    ("https://LOCALHOST/", HOST),
    ("https://inside/", HOST),
    ("https://app.localhost/", HOST),
    ("https://printer.local/", HOST),
    ("https://metadata.google.internal/", HOST),
    ("https://router.home.arpa/", HOST),
    ("https://home.arpa/", HOST),
    ("https://abcdefghij234567.onion/", HOST),
    ("https://example.com./", HOST),
    ("https://localhost./", HOST),
    ("https://127.0.0.1./", HOST),
    ("https://.example.com/", HOST),
    ("https://example..com/", HOST),
    ("https://-example.com/", HOST),
    ("https://example-.com/", HOST),
    ("https://*.example.com/", HOST),
    ("https://exa_mple.com/", HOST),
    ("https://exa%6dple.com/", HOST),
    ("https://%65xample.com/", HOST),
    ("https://%6c%6f%63alhost/", HOST),
    ("https://a,b.example/", HOST),
    ("https://" + "a" * 64 + ".example/", HOST),
    ("https://" + "a." * 127 + "example/", HOST),
    ("https://8.8.8.8/", HOST),
    ("https://127.0.0.1/", HOST),
    ("https://127.1/", HOST),
    ("https://127.0.1/", HOST),
    ("https://0/", HOST),
    ("https://2130706433/", HOST),
    ("https://017700000001/", HOST),
    ("https://0177.0.0.1/", HOST),
    ("https://0x7f000001/", HOST),
    ("https://0x7f.0.0.1/", HOST),
    ("https://0x7f.1/", HOST),
    ("https://127.0.0.0x1/", HOST),
    ("https://127.0.0.1.1/", HOST),
    ("https://example.0x7f/", HOST),
    ("https://[::1]/", HOST),
    ("https://[::]/", HOST),
    ("https://[::ffff:127.0.0.1]/", HOST),
    ("https://[2606:4700:4700::1111]/", HOST),
    ("https://[fe80::1%25eth0]/", HOST),
    ("https://[v1.a]/", HOST),
    ("https://example.com:/", PORT),
    ("https://example.com:0/", PORT),
    ("https://example.com:22/", PORT),
    ("https://example.com:25/", PORT),
    ("https://example.com:80/", PORT),
    ("https://example.com:1023/", PORT),
    ("https://example.com:65536/", PORT),
    ("https://example.com:99999/", PORT),
    ("https://example.com:123456/", PORT),
    ("https://example.com:0443/", PORT),
    ("https://example.com:+443/", PORT),
    ("https://example.com:-1/", PORT),
    ("https://example.com:https/", PORT),
    ("https://example.com:0x1bb/", PORT),
    ("https://example.com:44%33/", PORT),
]
PRIVATE = [
    ("http://localhost:8000/keys", Destination("http", "localhost", 8000, "/keys")),
    ("http://localhost", Destination("http", "localhost", 80, "/")),
    ("http://127.0.0.1:8000/", Destination("http", "127.0.0.1", 8000, "/")),
    ("https://[::1]:8443/", Destination("https", "::1", 8443, "/")),
    ("https://inside:22/", Destination("https", "inside", 22, "/")),
]
NOT_EVEN_PRIVATE = [
    ("ftp://localhost/", "its scheme has to be https or http"),
    ("http://user@localhost/", USER),
    ("http://127.1/", "its host has to be a name or an address"),
    ("http://2130706433/", "its host has to be a name or an address"),
    ("http://0x7f.0.0.1/", "its host has to be a name or an address"),
    ("http://[127.0.0.1]/", "its host has to be a name or an address"),
    ("http://[fe80::1%251]/", "its host has to be a name or an address"),
    ("http://localhost:0/", "its port is malformed"),
    ("http://localhost:65536/", "its port is malformed"),
    ("http://localhost/#x", MALFORMED),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_knows_a_public_address(address: str):
    """Addresses of the public internet are public, up to the edges of what is not."""
    assert address_is_public(address)


@pytest.mark.parametrize("address", CLOSED)
def test_knows_what_is_not_public(address: str):
    """What is inside, special, reserved, tunnelled or oddly written is not public. RFC 6890."""
    assert not address_is_public(address)


@pytest.mark.parametrize("network", [*CLOSED_4, *CLOSED_6], ids=str)
def test_a_closed_network_is_closed_to_its_edges(network):
    """The first and the last address of a closed network are closed."""
    assert not address_is_public(str(network[0]))
    assert not address_is_public(str(network[-1]))


@pytest.mark.parametrize(("url", "leads_to"), FETCHABLE)
def test_reads_where_a_url_leads(url: str, leads_to: Destination):
    """A fetchable URL leads to one place, read once, whatever its case."""
    url_is_fetchable(url)
    assert destination(url) == leads_to


@pytest.mark.parametrize(("url", "problem"), REFUSED)
def test_refuses_a_url(url: str, problem: str):
    """A URL that is not https to a public name, or reads in two ways, is refused with the broken rule."""
    with pytest.raises(Refused) as refused:
        url_is_fetchable(url)
    assert refused.value.reason is FETCH_REFUSED
    assert refused.value.text == f"This server does not fetch from there: {problem}"


@pytest.mark.parametrize(("url", "leads_to"), PRIVATE)
def test_reads_a_private_url_where_that_is_allowed(url: str, leads_to: Destination):
    """Development reaches http, addresses, local names and every port."""
    assert destination(url, allow_private=True) == leads_to


@pytest.mark.parametrize(("url", "problem"), NOT_EVEN_PRIVATE)
def test_refuses_two_readings_even_in_development(url: str, problem: str):
    """Other schemes, users, odd notations and odd ports are refused in development, too."""
    with pytest.raises(Refused) as refused:
        url_is_fetchable(url, allow_private=True)
    assert refused.value.words == {"problem": problem}


@pytest.mark.parametrize(
    ("leads_to", "authority"),
    [
        (Destination("https", "example.com", 443, "/"), "example.com"),
        (Destination("https", "example.com", 8443, "/"), "example.com:8443"),
        (Destination("http", "localhost", 80, "/"), "localhost"),
        (Destination("http", "localhost", 443, "/"), "localhost:443"),
        (Destination("https", "::1", 8443, "/"), "[::1]:8443"),
    ],
)
def test_says_a_host_as_http_does(leads_to: Destination, authority: str):
    """A Host header has the port unless it is the usual one, and IPv6 in brackets. RFC 9110 section 7.2."""
    assert leads_to.authority == authority
