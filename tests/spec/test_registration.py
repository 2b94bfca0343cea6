"""What a software statement's holder may say: domains, schemes, and where it wants to be sent."""

import pytest

from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID
from sekisho.spec.refusals.registration import REDIRECT_UNCOVERED
from sekisho.spec.software.registration import (
    LONGEST_REDIRECT,
    TAKEN,
    domains_are_domains,
    redirect_is_covered,
    scheme_of,
    trimmed,
)

DOMAINS = ("example.com", "xn--r8jz45g.jp", "localhost", "10.0.0.10")
GENERATED = "adbe.u-xfxjetsdujiiqs0hv_ag"
SCHEMES = (GENERATED, "adobepass", "app")

COVERED = [
    "https://example.com",
    "https://example.com/",
    "http://example.com/cb",
    "https://www.example.com",
    "https://a.b.c.example.com/cb?x=1&y=%2F",
    "https://example.com:8443/cb",
    "https://example.com:/cb",
    "HTTPS://WWW.EXAMPLE.COM/cb",
    "https://example.com?x=//evil.example",
    "https://example.com/@evil.example",
    "https://xn--r8jz45g.jp/cb",
    "https://sub.xn--r8jz45g.jp",
    "https://localhost/callback",
    "http://localhost:3000/callback",
    "http://app.localhost",
    "https://10.0.0.10/cb",
    "com.example:/cb",
    "com.example://cb",
    "COM.EXAMPLE://cb",
    "com.example:cb",
    "adobepass://android.app",
    "ADOBEPASS://android.app",
    "adobepass:",
    "app://one#two",
    "app://user@somewhere:80/%41",
    f"{GENERATED}://",
    f"{GENERATED}:/",
    "adbe.u-XFXJeTSDuJiIQs0HV_Ag://cb",
]
UNCOVERED = [
    "",
    "example.com",
    "/cb",
    "//example.com/cb",
    "?x",
    "#",
    "https:",
    "https://",
    "https:///cb",
    "https:example.com",
    "https:/example.com",
    "https://com",
    "https://.com",
    "https://evil-example.com",
    "https://evilexample.com",
    "https://example.com.evil.example",
    "https://example.org",
    "https://example.co",
    "https://xample.com",
    "https://example.com.",
    "https://www.example.com./",
    "https://evil.example/example.com",
    "https://evil.example/?https://example.com",
    "https://user@example.com",
    "https://user:word@example.com/",
    "https://@example.com",
    "https://example.com@evil.example/",
    "https://example.com:word@evil.example/",
    "https://evil.example\\@example.com/",
    "https://evil.example\\.example.com/",
    "https://example.com\\",
    "https:\\\\example.com",
    "https://evil.example%2eexample.com/",
    "https://evil.example%00.example.com/",
    "https://%65xample.com/",
    "https://www%2Eexample.com/",
    "https://example.com/#",
    "https://example.com/cb#x",
    "com.example:/cb#x",
    "https://example.com:99999/",
    "https://example.com:x/",
    "https://example.com:-1/",
    "https://10.0.0.11/",
    "https://1.10.0.0.10/",
    "https://www.10.0.0.11/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.10]/",
    "https://[::1",
    "https://[example.com]/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://例え.jp/",
    "https://ｅxample.com/",
    "https://exam\u200dple.com/",
    "https://example。com/",
    "https://example.com/ cb",
    "https://example.com/\ncb",
    " https://example.com/",
    "https://example.com/\t",
    "https://example.com/\0",
    'https://example.com/"',
    "https://example.com/<x>",
    "https://example.com/{x}",
    "https://example.com/`",
    "ftp://example.com/",
    "ws://example.com/",
    "javascript://example.com/%0aalert(1)",
    "javascript:alert(1)",
    "data:text/html,x",
    "com.example",
    "com.example.evil:/cb",
    "com.examples:/cb",
    "example.com:/cb",
    "com:/cb",
    "evil.com.example:/cb",
    "app",
    "apps://one",
    "ap://one",
    "adobepass.evil://x",
    "adbe.u-xfxjetsdujiiqs0hv-ag://",
    "adbe.u-xfxjetsdujiiqs0hv_agg://",
    "https://example.com/" + "x" * LONGEST_REDIRECT,
    "app://" + "x" * LONGEST_REDIRECT,
]


@pytest.mark.parametrize("uri", COVERED)
def test_redirect_that_belongs_to_the_application(uri: str) -> None:
    """A host is a domain or below it, label by label; a scheme is the application's own. RFC 8252 7.1."""
    redirect_is_covered(uri, DOMAINS, SCHEMES)


@pytest.mark.parametrize("uri", UNCOVERED, ids=lambda uri: uri[:40])
def test_redirect_that_belongs_to_somebody_else(uri: str) -> None:
    """Look-alikes, tricks of the authority, fragments and other schemes are refused. RFC 6749 3.1.2."""
    with pytest.raises(Refused) as refused:
        redirect_is_covered(uri, DOMAINS, SCHEMES)
    assert refused.value.reason is REDIRECT_UNCOVERED
    assert refused.value.seen
    assert refused.value.seen.expected == " ".join((*DOMAINS, *SCHEMES))


def test_tells_what_would_be_covered() -> None:
    """Domains and schemes are told beside the address, without the password that it has with it."""
    with pytest.raises(Refused) as refused:
        redirect_is_covered("https://a:b@evil.example/cb", ("example.com",), ("app",))
    assert refused.value.seen == Contrast(
        "redirect_uri", "example.com app", "https://a:(withheld)@evil.example/cb"
    )


@pytest.mark.parametrize("uri", ["https://example.com", "com.example:/cb", "app://x", "https://"])
def test_nothing_covers_nothing(uri: str) -> None:
    """An application without domains and schemes has no redirects."""
    with pytest.raises(Refused) as refused:
        redirect_is_covered(uri, (), ())
    assert refused.value.reason is REDIRECT_UNCOVERED


def test_the_longest_redirect_is_covered() -> None:
    """The bound itself is still within it."""
    start = "https://example.com/"
    redirect_is_covered(start + "x" * (LONGEST_REDIRECT - len(start)), DOMAINS, SCHEMES)


@pytest.mark.parametrize(
    "domain",
    ["example.com", "a.b.example.com", "xn--r8jz45g.jp", "localhost", "_dmarc.example.com", "9.example"],
)
def test_domains_that_may_be_listed(domain: str) -> None:
    """A domain is a name of hosts in lower case, as it stands in a URI."""
    domains_are_domains((domain,))


@pytest.mark.parametrize(
    "domain",
    [
        *("", "com", ".com", "example.com.", ".example.com", "*.example.com", "Example.com", "例え.jp"),
        *("https://example.com", "example.com/", "example.com:443", "user@example.com", "a..example.com"),
        *("-a.example.com", "a-.example.com", "exam ple.com", "example.com\n", "x" * 64 + ".example.com"),
        ".".join(["x" * 60] * 5),
    ],
)
def test_domains_that_mean_too_much_or_nothing(domain: str) -> None:
    """A whole top-level domain, a pattern, an address or a piece of one is no domain."""
    with pytest.raises(Refused) as refused:
        domains_are_domains(("example.com", domain))
    assert refused.value.reason is BODY_INVALID


@pytest.mark.parametrize(
    ("custom", "scheme"),
    [
        ("adbe.u-XFXJeTSDuJiIQs0HV_Ag://", GENERATED),
        ("adobepass", "adobepass"),
        ("adobepass:", "adobepass"),
        ("app://", "app"),
        ("com.example+x.y-1", "com.example+x.y-1"),
    ],
)
def test_a_scheme_is_kept_without_what_follows_it(custom: str, scheme: str) -> None:
    """However an application's scheme is written, the scheme is remembered, in lower case. RFC 3986 3.1."""
    assert scheme_of(custom) == scheme


@pytest.mark.parametrize(
    "custom",
    [
        *("", "a", "9app", ".app", "app:/", "app:///", "app://host", "app:x", "a b", "a/b", "a" * 64, "ä.b"),
        *("app\n", "HTTPS", "https://", "JavaScript:", *sorted(TAKEN)),
    ],
)
def test_schemes_that_are_not_the_applications_own(custom: str) -> None:
    """A scheme with a meaning of its own, or something that is none, is refused. RFC 8252 section 7.1."""
    with pytest.raises(Refused) as refused:
        scheme_of(custom)
    assert refused.value.reason is BODY_INVALID


@pytest.mark.parametrize("text", ["a.b.c", "a.b.c\n", " a.\r\nb.\t\n c ", "\u3000a.b\u00a0.c"])
def test_a_statement_survives_copying(text: str) -> None:
    """Blanks and line ends, wherever they came from, are no part of a statement."""
    assert trimmed(text) == "a.b.c"
