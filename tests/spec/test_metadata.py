"""What clients, APIs and tenants may say about themselves."""

import pytest

from sekisho.spec import metadata
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID, NOT_SUPPORTED

REDIRECTS = [
    ("https://a.example/cb?x=1&y=%2F", "regular_web"),
    ("https://A.example:8443/", "spa"),
    ("https://a.example", "regular_web"),
    ("http://localhost:3000/cb", "regular_web"),
    ("http://app.localhost/cb", "regular_web"),
    ("http://127.0.0.1/cb", "native"),
    ("http://[::1]:5000/cb", "native"),
    ("com.example.app:/cb", "native"),
    ("com.example.app://id.example.com/ios/cb", "native"),
]
NO_REDIRECTS = [
    ("", "regular_web"),
    ("/cb", "regular_web"),
    ("//a.example/cb", "regular_web"),
    ("https:", "regular_web"),
    ("https:///cb", "regular_web"),
    ("https://a.example/cb#x", "regular_web"),
    ("https://a.example/cb#", "regular_web"),
    ("http://a.example/cb", "regular_web"),
    ("http://localhost.a.example/cb", "regular_web"),
    ("http://127.0.0.1.a.example/cb", "regular_web"),
    ("https://user@a.example/cb", "regular_web"),
    ("https://*.a.example/cb", "regular_web"),
    ("https://a.example:99999/cb", "regular_web"),
    ("https://a.example:x/cb", "regular_web"),
    ("https://a.example:0/cb", "regular_web"),
    ("https://a.example:/cb", "regular_web"),
    ("https://[::1/cb", "regular_web"),
    ("https://a.example/ cb", "regular_web"),
    ("https://a.example/\ncb", "regular_web"),
    (" https://a.example/cb", "regular_web"),
    ("https://a.example\\@b.example/", "regular_web"),
    ("https://関所.example/cb", "regular_web"),
    ("HTTPS://a.example/cb", "regular_web"),
    ("https://a.example/" + "x" * 1500, "regular_web"),
    ("javascript:alert(1)", "native"),
    ("data:text/html,x", "native"),
    ("vbscript:x", "native"),
    ("file:///etc/passwd", "native"),
    ("myapp://cb", "native"),
    ("com.example.app:/cb", "regular_web"),
    ("com.example.app:/cb", "spa"),
    ("com.example.app:/cb#x", "native"),
]
ORIGINS = ["https://a.example", "https://a.example:8443", "http://localhost:3000", "http://[::1]:3000"]
NO_ORIGINS = [
    "a.example",
    "null",
    "*",
    "https://*.a.example",
    "https://a.example/",
    "https://a.example/x",
    "https://a.example?x",
    "https://A.example",
    "https://a.example:443",
    "http://localhost:80",
    "http://a.example",
    "com.example.app://a",
    "https://a.example:",
]


def refusal(rule, *told) -> Refused:
    """How a rule refuses."""
    with pytest.raises(Refused) as caught:
        rule(*told)
    return caught.value


@pytest.mark.parametrize(("url", "app_type"), REDIRECTS)
def test_takes_sound_redirects(url, app_type):
    """TLS, loopback, and an app's own scheme are sound. RFC 8252 section 7."""
    metadata.redirects_are_sound("callbacks", [url], app_type)


@pytest.mark.parametrize(("url", "app_type"), NO_REDIRECTS)
def test_refuses_unsound_redirects(url, app_type):
    """Relative, fragmented, unprotected and executable addresses are not. RFC 6749 section 3.1.2."""
    refused = refusal(metadata.redirects_are_sound, "callbacks", [url], app_type)
    assert refused.reason is BODY_INVALID
    assert refused.text.endswith("on property callbacks")


@pytest.mark.parametrize("origin", ORIGINS)
def test_takes_origins(origin):
    """Scheme, host and port, as browsers write them. RFC 6454 section 6.2."""
    metadata.origins_are_origins("web_origins", [origin])


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_refuses_what_is_no_origin(origin):
    """What a browser would never send as an origin would never match."""
    assert refusal(metadata.origins_are_origins, "web_origins", [origin]).reason is BODY_INVALID


def test_addresses_for_people_are_https():
    """A logo or a sign-in page is loaded over TLS. RFC 7591 section 2."""
    metadata.address_is_web("logo_uri", "https://a.example/logo.png")
    for url in ("http://localhost/logo.png", "https:///x", "x"):
        assert refusal(metadata.address_is_web, "logo_uri", url).reason is BODY_INVALID


@pytest.mark.parametrize("name", ["", " ", "<b>", "a>b", "a\nb", "\x7f"])
def test_refuses_names_that_are_not_plain(name):
    """A name has no markup. RFC 7591 section 2."""
    assert refusal(metadata.name_is_plain, name).reason is BODY_INVALID


def test_takes_plain_names():
    """A name may be in any language."""
    metadata.name_is_plain("関所 & Co. 'Shop'")


def test_lists_are_sets_of_known_words():
    """A list names known words, each once."""
    metadata.choice_is_known("grant_types", ("implicit",), metadata.GRANT_TYPES)
    metadata.values_are_unique("grant_types", ("implicit",))
    refused = refusal(metadata.choice_is_known, "grant_types", ("magic",), metadata.GRANT_TYPES)
    assert (
        refused.text
        == "Payload validation error: 'Not one of the known values: magic' on property grant_types"
    )
    assert refusal(metadata.values_are_unique, "grant_types", ("a", "a")).reason is BODY_INVALID


def test_texts_are_few_and_short():
    """Ten texts of 255 characters are a client's to keep."""
    metadata.texts_are_few({"x" * 254 + str(n): "y" * 255 for n in range(10)})
    assert refusal(metadata.texts_are_few, {str(n): "" for n in range(11)}).reason is BODY_INVALID
    assert refusal(metadata.texts_are_few, {"x" * 256: ""}).reason is BODY_INVALID


PROMISES: dict[str, object] = {
    "flag": False,
    "mode": None,
    "tree": {"on": False, "deep": {"n": 1}},
    "list": [],
}


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"other": 1},
        {"flag": False},
        {"flag": None},
        {"mode": None},
        {"tree": {"deep": {"n": 1}}},
        {"list": []},
    ],
)
def test_a_promise_may_stay_at_its_default(members):
    """Leaving a field as it is, wholly or in part, is no promise."""
    metadata.promises_are_kept(members, PROMISES)


@pytest.mark.parametrize(
    "members",
    [
        {"flag": True},
        {"flag": 0},
        {"mode": "x"},
        {"tree": {"on": True}},
        {"tree": {"deep": {"n": 1.0}}},
        {"tree": {"other": 1}},
        {"tree": True},
        {"list": [1]},
    ],
)
def test_a_promise_that_is_not_kept_is_refused(members):
    """Nothing is stored that would lie."""
    refused = refusal(metadata.promises_are_kept, members, PROMISES)
    assert refused.reason is NOT_SUPPORTED
    assert refused.text.startswith(next(iter(members)))


def test_what_others_offer_is_named_as_not_supported():
    """A word that another server takes is refused in other words than one that nobody takes."""
    metadata.is_offered("signing_alg", "RS256", metadata.ALGS_ELSEWHERE)
    metadata.is_offered("signing_alg", None, metadata.ALGS_ELSEWHERE)
    assert (
        refusal(metadata.is_offered, "signing_alg", "HS256", metadata.ALGS_ELSEWHERE).reason is NOT_SUPPORTED
    )
