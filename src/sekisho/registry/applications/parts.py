"""The members of an application that have members themselves, as Graph's `application` has them."""

import re
from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from sekisho.change.fields import Perhaps
from sekisho.spec.entra.reply_url import MOST

LONGEST_VALUE = 120
LONGEST_KEY = 16_384
MOST_ENTRIES = 1_200
# Of one list, where there are lists of lists.
MOST_APPLICATIONS = 100
MOST_PERMISSIONS = 200
_GUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z"

Guid = Annotated[str, Meta(pattern=_GUID)]
# The name of a client; only those that were made here are GUIDs.
AppId = Annotated[str, Meta(max_length=128, pattern=r"^[A-Za-z0-9._~-]+\Z")]
Value = Annotated[
    str,
    Meta(max_length=LONGEST_VALUE, pattern=r"^[\x21\x23-\x2d\x2f-\x5b\x5d-\x7e][\x21\x23-\x5b\x5d-\x7e]*\Z"),
]
Title = Annotated[str, Meta(max_length=256)]
Text = Annotated[str, Meta(max_length=1_024)]
Urls = Annotated[tuple[Annotated[str, Meta(max_length=256)], ...], Meta(max_length=MOST)]
Address = Annotated[str, Meta(max_length=1_024)]
Moment = Annotated[datetime, Meta(tz=True)]
Member = Literal["User", "Application"]


def canonical(name: str) -> str:
    """A GUID in lower letters; any other name as it is."""
    return name.lower() if is_guid(name) else name


def is_guid(name: str) -> bool:
    """It looks like the id of something."""
    return bool(re.fullmatch(_GUID, name))


class PermissionScopePart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A delegated scope."""

    id: Guid
    value: Value
    type: Literal["User", "Admin"] = "User"
    is_enabled: bool = True
    admin_consent_display_name: Title | None = None
    admin_consent_description: Text | None = None
    user_consent_display_name: Title | None = None
    user_consent_description: Text | None = None


class AppRolePart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A role of an application."""

    id: Guid
    value: Value
    display_name: Title
    description: Text | None = None
    allowed_member_types: Annotated[tuple[Member, ...], Meta(min_length=1, max_length=2)]
    is_enabled: bool = True


class PreAuthorizedPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """An application that nobody is asked about, and the ids of the scopes that it has."""

    app_id: AppId
    delegated_permission_ids: Annotated[tuple[Guid, ...], Meta(max_length=MOST_PERMISSIONS)]


class ApiPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What an application is to others."""

    requested_access_token_version: Literal[1, 2] | UnsetType | None = UNSET
    oauth2_permission_scopes: Perhaps[
        Annotated[tuple[PermissionScopePart, ...], Meta(max_length=MOST_PERMISSIONS)]
    ] = UNSET
    pre_authorized_applications: Perhaps[
        Annotated[tuple[PreAuthorizedPart, ...], Meta(max_length=MOST_APPLICATIONS)]
    ] = UNSET
    known_client_applications: Perhaps[Annotated[tuple[AppId, ...], Meta(max_length=MOST_ENTRIES)]] = UNSET


class AccessPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scope or a role, by its id."""

    id: Guid
    type: Literal["Scope", "Role"]


class RequiredPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What is needed of an application."""

    resource_app_id: AppId
    resource_access: Annotated[tuple[AccessPart, ...], Meta(max_length=MOST_PERMISSIONS)]


class ImplicitPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What may be answered in an address."""

    enable_id_token_issuance: Perhaps[bool] = UNSET
    enable_access_token_issuance: Perhaps[bool] = UNSET


class WebPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Of a web server."""

    redirect_uris: Perhaps[Urls] = UNSET
    logout_url: Perhaps[Address] = UNSET
    home_page_url: Perhaps[Address] = UNSET
    implicit_grant_settings: Perhaps[ImplicitPart] = UNSET


class RedirectPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Of single-page applications, and of public clients."""

    redirect_uris: Perhaps[Urls] = UNSET


class AboutPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What people are shown of an application."""

    logo_url: Perhaps[Address] = UNSET
    privacy_statement_url: Perhaps[Address] = UNSET
    support_url: Perhaps[Address] = UNSET
    terms_url: Perhaps[Address] = field(name="termsOfServiceUrl", default=UNSET)


class OptionalClaimPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A claim that was asked for."""

    name: Annotated[str, Meta(min_length=1, max_length=256)]
    source: Literal["user"] | None = None
    essential: bool = False
    additional_properties: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=10)
    ] = ()


Claims = Annotated[tuple[OptionalClaimPart, ...], Meta(max_length=100)]


class OptionalClaimsPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Claims that were asked for, by the tokens that have them."""

    id_token: Perhaps[Claims] = UNSET
    access_token: Perhaps[Claims] = UNSET


class KeyPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A certificate; one that is there already goes by its keyId, without the key."""

    key_id: Guid | None = None
    custom_key_identifier: Annotated[str, Meta(max_length=128)] | None = None
    display_name: Annotated[str, Meta(max_length=90)] | None = None
    start_date_time: Moment | None = None
    end_date_time: Moment | None = None
    type: Annotated[str, Meta(extra_json_schema={"enum": ("AsymmetricX509Cert",)})]
    usage: Annotated[str, Meta(extra_json_schema={"enum": ("Verify", "Encrypt")})]
    key: Annotated[str, Meta(max_length=LONGEST_KEY)] | None = None
