"""What the page of a portal asks for: what each rule tells of what it expected."""

import pytest

from sekisho.spec.contrast import WITHHELD, Contrast
from sekisho.spec.portal import request as rules
from sekisho.spec.portal.request import PortalRequest
from sekisho.spec.refusal import Refused

CLIENTS = ("my-portal", "other")
PAGES = ("https://portal.example.com/landing", "https://portal.example.com/chat")


def held(request: PortalRequest) -> None:
    """Every rule, as the endpoint that redirects has them."""
    rules.client_is_named(request)
    rules.client_is_registered(request, CLIENTS)
    rules.redirect_is_named(request)
    rules.redirect_is_registered(request, PAGES)
    rules.response_type_is_token(request)
    rules.echoes_are_short(request)
    rules.state_fits_a_header(request)


@pytest.mark.parametrize(
    ("changed", "slug", "seen"),
    [
        ({"client_id": None}, "portal_client_missing", ("client_id", "a value", "")),
        (
            {"client_id": "my portal"},
            "portal_client_malformed",
            ("client_id", "at most 36 letters, digits and hyphens", "my portal"),
        ),
        ({"client_id": "third"}, "portal_client_unregistered", ("client_id", "my-portal; other", "third")),
        ({"redirect_uri": None}, "portal_redirect_missing", ("redirect_uri", "a value", "")),
        (
            {"redirect_uri": f"{PAGES[1]}/"},
            "portal_redirect_unregistered",
            ("redirect_uri", PAGES[1], f"{PAGES[1]}/"),
        ),
        ({"response_type": "code"}, "portal_response_unsupported", ("response_type", "token", "code")),
        ({"state": "x" * 21}, "portal_state_malformed", ("state", "at most 20 characters", WITHHELD)),
        ({"state": "é"}, "portal_state_malformed", ("state", "printable ASCII", WITHHELD)),
        ({"nonce": "x" * 21}, "portal_nonce_malformed", ("nonce", "at most 20 characters", "21 characters")),
    ],
)
def test_rules_tell_what_they_expected(
    changed: dict[str, str | None], slug: str, seen: tuple[str, str, str]
) -> None:
    """Each rule tells what the site settings say beside what came; a state is never told."""
    good = {"client_id": "my-portal", "redirect_uri": PAGES[0], "response_type": "token", "state": "s"}
    held(PortalRequest(**good))
    with pytest.raises(Refused, match=slug) as refused:
        held(PortalRequest(**{**good, **changed}))
    assert refused.value.seen == Contrast(*seen)


def test_what_was_sent_twice_is_told_without_its_values() -> None:
    """Which parameter it is, and that it came once too often."""
    with pytest.raises(Refused, match="portal_parameter_repeated") as refused:
        rules.read((("state", "a"), ("state", "b")))
    assert refused.value.seen == Contrast("state", "once", "more than once")
