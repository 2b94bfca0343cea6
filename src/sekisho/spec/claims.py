"""Which claims about a person a scope asks for (OpenID Connect Core 1.0 section 5.4)."""

from collections.abc import Collection, Mapping

PROFILE = (
    *("name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile"),
    *("picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
)
CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": PROFILE,
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
    # Scopes of a single claim, as Auth0 has them.
    **{
        name: (name,)
        for name in ("name", "nickname", "given_name", "family_name", "email_verified", "picture")
    },
}
SCOPES = ("openid", "offline_access", *CLAIMS)
SUPPORTED = tuple(dict.fromkeys(name for names in CLAIMS.values() for name in names))


def of_scopes(claims: Mapping[str, object], scopes: Collection[str]) -> dict[str, object]:
    """The claims that the scopes ask for, those that are known. Section 5.3.2."""
    wanted = {name for scope in scopes for name in CLAIMS.get(scope, ())}
    return {name: value for name, value in claims.items() if name in wanted and value not in (None, "")}
