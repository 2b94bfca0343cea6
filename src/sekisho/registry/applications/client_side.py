"""What an application is as a client: what it asks for, and where it is answered."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from sekisho.change.fields import applied
from sekisho.model.client import Access, Client, FrontChannel, OptionalClaim, ReplyKind, ReplyUrl, Required
from sekisho.registry.applications.fields import AUDIENCES, GROUPS, PERSONAL, EntraApplicationFields, inner
from sekisho.registry.applications.parts import OptionalClaimPart, canonical
from sekisho.spec import metadata
from sekisho.spec.entra import reply_url

IMPLICIT = "implicit"
GRANTS = (
    *("authorization_code", "refresh_token", "client_credentials"),
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
)
PLACES: Mapping[ReplyKind, str] = {
    "web": "web.redirectUris",
    "spa": "spa.redirectUris",
    "public": "publicClient.redirectUris",
}
# What an application is where all its reply URLs are of one type.
_TYPES: Mapping[str, str] = {"spa": "spa", "public": "native"}
_ADDRESSES: Mapping[str, str] = {
    "homepage_uri": "web.homePageUrl",
    "front_logout_uri": "web.logoutUrl",
    "logo_uri": "info.logoUrl",
    "policy_uri": "info.privacyStatementUrl",
    "support_uri": "info.supportUrl",
    "tos_uri": "info.termsOfServiceUrl",
}


def changed(client: Client, asked: EntraApplicationFields, *, wild: bool) -> Client:
    """The client with what is said of it, within the rules. `wild`: its reply URLs may be, too."""
    metadata.is_offered("signInAudience", asked.sign_in_audience or None, PERSONAL)
    new = applied(client, _plain(asked))
    new = _answered(_fronted(new, asked), asked)
    metadata.name_is_plain(new.name)
    metadata.choice_is_known("signInAudience", (new.sign_in_audience,), AUDIENCES)
    metadata.choice_is_known("groupMembershipClaims", (new.groups_claim or GROUPS[0],), GROUPS)
    metadata.values_are_unique("requiredResourceAccess", [each.resource for each in new.required])
    for name, field in _ADDRESSES.items():
        if getattr(new, name) and getattr(new, name) != getattr(client, name):
            metadata.redirects_are_sound(field, (getattr(new, name),), "regular_web")
    _replies_are_sound(client, new, wild=wild)
    return new


def claims(parts: tuple[OptionalClaimPart, ...] | None, field: str) -> tuple[OptionalClaim, ...]:
    """Claims that were asked for."""
    metadata.values_are_unique(field, [each.name for each in parts or ()])
    return tuple(
        OptionalClaim(
            name=each.name,
            source=each.source or "",
            essential=each.essential,
            properties=each.additional_properties,
        )
        for each in parts or ()
    )


def _plain(asked: EntraApplicationFields) -> dict[str, Any]:
    """What is one field of a client, by our names."""
    groups, needs = asked.group_membership_claims, asked.required_resource_access
    told = inner(asked.optional_claims, "id_token")
    said = {
        "name": asked.display_name,
        "description": asked.description,
        "sign_in_audience": asked.sign_in_audience,
        "is_fallback_public": asked.is_fallback_public_client,
        "groups_claim": None if groups == GROUPS[0] else groups,
        "homepage_uri": inner(asked.web, "home_page_url"),
        "front_logout_uri": inner(asked.web, "logout_url"),
        "logo_uri": inner(asked.about, "logo_url"),
        "policy_uri": inner(asked.about, "privacy_statement_url"),
        "support_uri": inner(asked.about, "support_url"),
        "tos_uri": inner(asked.about, "terms_url"),
        "required": needs if needs is UNSET else _required(asked),
        "id_token_claims": told if told is UNSET else claims(told, "optionalClaims.idToken"),
    }
    return {name: value for name, value in said.items() if value is not UNSET}


def _required(asked: EntraApplicationFields) -> tuple[Required, ...]:
    return tuple(
        Required(
            resource=canonical(each.resource_app_id),
            access=tuple(Access(one.id.lower(), one.type) for one in each.resource_access),
        )
        for each in asked.required_resource_access or ()
    )


def _fronted(client: Client, asked: EntraApplicationFields) -> Client:
    """What may be answered in an address, as far as it is said: without any of it there is no such grant."""
    settings = inner(asked.web, "implicit_grant_settings")
    said: Mapping[FrontChannel, Any] = {
        "id_token": inner(settings, "enable_id_token_issuance"),
        "token": inner(settings, "enable_access_token_issuance"),
    }
    if all(value is UNSET for value in said.values()):
        return client
    had = client.front_channel if IMPLICIT in client.grant_types else ()
    front = tuple(word for word, value in said.items() if (word in had if value is UNSET else value))
    rest = tuple(each for each in client.grant_types if each != IMPLICIT)
    return replace(client, front_channel=front, grant_types=(*rest, IMPLICIT) if front else rest)


def _answered(client: Client, asked: EntraApplicationFields) -> Client:
    """Where it is answered: web, single-page, public, each in its order."""
    said: Mapping[ReplyKind, Any] = {
        "web": inner(asked.web, "redirect_uris"),
        "spa": inner(asked.spa, "redirect_uris"),
        "public": inner(asked.public_client, "redirect_uris"),
    }
    if all(urls is UNSET for urls in said.values()):
        return client
    new: list[ReplyUrl] = []
    for kind, urls in said.items():
        had = (each for each in client.reply_urls if each.kind == kind)
        new += had if urls is UNSET else (ReplyUrl(url, kind) for url in urls or ())
    kinds = {each.kind for each in new}
    kind_of = _TYPES.get(next(iter(kinds)), "regular_web") if len(kinds) == 1 else "regular_web"
    usual = client.app_type in ("regular_web", "spa", "native") and new
    return replace(client, reply_urls=tuple(new), app_type=kind_of if usual else client.app_type)


def _replies_are_sound(client: Client, new: Client, *, wild: bool) -> None:
    """Those that are new; one that stays is as it was."""
    metadata.values_are_unique("redirectUris", [each.url for each in new.reply_urls])
    if len(new.reply_urls) > reply_url.MOST:
        raise metadata.problem("redirectUris", f"More than {reply_url.MOST}")
    for each in set(new.reply_urls) - set(client.reply_urls):
        reply_url.url_is_sound(PLACES[each.kind], each.url, each.kind, wild=wild)
