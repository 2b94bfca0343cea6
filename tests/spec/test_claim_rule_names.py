"""How a tenant's own claims may be called (contract: Auth0's rules for custom claims)."""

import pytest

from sekisho.spec import claims
from sekisho.spec.claim_rule import names
from sekisho.spec.pipeline import RESTRICTED
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import CLAIM_NAME_MALFORMED, CLAIM_NAME_RESTRICTED

GOOD = (
    *("https://app.example.com/favorite_color", "http://app.example.com", "https://example.com:8443/x?y=z#w"),
    *(
        "https://localhost/x",
        "https://notauth0.com/x",
        "https://auth0.com.example/x",
        "https://x-auth0.com/y",
    ),
    *("urn:example:color", "urn:acme-corp:a:b", "urn:auth0x:y"),
    *("favorite_color", "plan", "user_id", "a-b", "A1", "email", "name", "updated_at", "x" * 64),
)
MALFORMED = (
    *("", " ", "a b", " sub", "sub ", "sub\n", "\tsub", "s\u00fcb", "ｓｕｂ", "sub\u200b"),
    *("sub\0", "_x", "1x", "a.b"),
    *("x" * 65, "https://a.example/" + "x" * 240, "a:b", "mailto:a@b.example", "ftp://a.example/x"),
    *("HTTPS://a.example/x", "https://A.example/x", "https://auth0.com./x", "https://a@b.example/x"),
    *("https:///x", "//a.example"),
    *("https://a..example/x", "https://-a.example", "https://a.example:0/x", "https://a.example:/x"),
    *("https://a.example/x y", "https://a.example/<x>", "https://a.example\\x", "https://auth0%2ecom/x"),
    *("https://a\u3002example/x", "https://ａuth0.com/x", "urn:", "urn:x", "urn:a:b", "URN:auth0:x"),
    *("urn:ab:", "urn:Auth0:x", "urn:ab:/x", "javascript:alert(1)", "https:a", "https:/a.example"),
)  # fmt: skip
ELSEWHERE = (
    *("https://auth0.com/x", "http://auth0.com", "https://me.auth0.com/x", "https://a.b.auth0.com:8443/x"),
    *("https://webtask.io/x", "https://x.webtask.io", "https://webtask.run/x", "https://x.webtask.run/"),
    *("urn:auth0:x", "urn:auth0:params:y", "https://auth0.com?x", "https://auth0.com#x"),
)


def refused(claim: str) -> object:
    """Why a claim may not be called so."""
    with pytest.raises(Refused) as refused:
        names.claim_is_free(claim)
    return refused.value.reason


@pytest.mark.parametrize("claim", GOOD)
def test_names_of_ones_own_are_free(claim: str) -> None:
    """An absolute URL, a URN, or a plain name that means nothing to anybody else. RFC 7519 section 4.2."""
    names.claim_is_free(claim)
    assert names.is_namespaced(claim) == (":" in claim)


@pytest.mark.parametrize("claim", MALFORMED)
def test_a_name_has_one_spelling(claim: str) -> None:
    """What looks like another name, or could be read as one, is none."""
    assert refused(claim) is CLAIM_NAME_MALFORMED


@pytest.mark.parametrize("claim", ELSEWHERE)
def test_names_of_others_are_refused(claim: str) -> None:
    """Auth0's own hosts, whatever is below them, and its URNs."""
    assert refused(claim) is CLAIM_NAME_RESTRICTED


@pytest.mark.parametrize("claim", sorted(RESTRICTED | {"scope", "scopes", "generation"}))
def test_restricted_names_are_refused_in_any_case(claim: str) -> None:
    """What the server or a protocol says is not for rules."""
    for spelt in (claim, claim.upper(), claim.title(), claim.swapcase()):
        assert names.is_reserved(spelt)
        assert refused(spelt) in (CLAIM_NAME_RESTRICTED, CLAIM_NAME_MALFORMED)
    if "#" not in claim:
        assert refused(claim) is CLAIM_NAME_RESTRICTED


@pytest.mark.parametrize("claim", claims.SUPPORTED)
def test_standard_names_are_spelt_as_they_are(claim: str) -> None:
    """A reader that ignores case would take Email for email, which no scope asked for."""
    names.claim_is_free(claim)
    assert names.is_standard(claim)
    assert refused(claim.upper()) is CLAIM_NAME_RESTRICTED
    assert not names.is_standard(claim.upper())
