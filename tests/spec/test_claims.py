"""Scopes and the claims that they ask for."""

import pytest

from sekisho.spec import claims

AYA = {
    "name": "Aya",
    "email": "aya@example.com",
    "email_verified": False,
    "phone_number": "+81",
    "address": {"country": "JP"},
    "picture": "",
    "website": None,
    "updated_at": 0,
    "iss": "https://evil.example",
    "roles": ["admin"],
}


@pytest.mark.parametrize(
    ("scopes", "names"),
    [
        ((), set()),
        (("openid",), set()),
        (("openid", "profile"), {"name", "updated_at"}),
        (("email",), {"email", "email_verified"}),
        (("phone",), {"phone_number"}),
        (("address",), {"address"}),
        (("name",), {"name"}),
        (("email_verified",), {"email_verified"}),
        (("profile", "email", "phone", "address"), set(AYA) - {"picture", "website", "iss", "roles"}),
        (("read:things", "roles", "iss"), set()),
    ],
)
def test_a_scope_asks_for_its_claims(scopes: tuple[str, ...], names: set[str]) -> None:
    """Each scope stands for its claims, as far as they are known. OpenID Connect Core 1.0 section 5.4."""
    assert claims.of_scopes(AYA, scopes) == {name: AYA[name] for name in names}


def test_every_claim_of_the_profile_is_supported() -> None:
    """The fourteen claims of `profile` are there, each once. OpenID Connect Core 1.0 section 5.4."""
    assert len(claims.PROFILE) == 14
    assert len(set(claims.SUPPORTED)) == len(claims.SUPPORTED)
    assert {*claims.PROFILE, "email", "phone_number", "address"} <= set(claims.SUPPORTED)
    assert {"openid", "offline_access", "profile", "email"} <= set(claims.SCOPES)
