"""What may be said about an application, as Graph's `application` says it."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType, field

from sekisho.change.fields import Perhaps
from sekisho.registry import credentials
from sekisho.registry.applications.parts import (
    MOST_APPLICATIONS,
    MOST_PERMISSIONS,
    AboutPart,
    ApiPart,
    AppRolePart,
    Guid,
    KeyPart,
    Moment,
    OptionalClaimsPart,
    RedirectPart,
    RequiredPart,
    Text,
    WebPart,
)

AUDIENCES = ("AzureADMyOrg", "AzureADMultipleOrgs")
# Accounts that no directory has: nobody has one here.
PERSONAL = frozenset(("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"))
GROUPS = ("None", "SecurityGroup", "ApplicationGroup", "DirectoryRole", "All")
LONGEST_IDENTIFIER = 255


class EntraApplicationFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """An application. What it has members of merges: a member that is not said stays."""

    NEEDS: ClassVar[tuple[str, ...]] = ("displayName",)
    ONCE: ClassVar[tuple[str, ...]] = ("appId",)
    PROMISES: ClassVar[Mapping[str, object]] = {
        "addIns": [],
        "api": {"acceptMappedClaims": None},
        "applicationTemplateId": None,
        "authenticationBehaviors": None,
        "certification": None,
        "defaultRedirectUri": None,
        "disabledByMicrosoftStatus": None,
        "info": {"marketingUrl": None},
        "isDeviceOnlyAuthSupported": None,
        "nativeAuthenticationApisEnabled": None,
        "notes": None,
        "oauth2RequirePostResponse": False,
        "optionalClaims": {"saml2Token": []},
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "passwordCredentials": [],
        "requestSignatureVerification": None,
        "samlMetadataUrl": None,
        "serviceManagementReference": None,
        "servicePrincipalLockConfiguration": None,
        "tags": [],
        "verifiedPublisher": {"displayName": None, "verifiedPublisherId": None, "addedDateTime": None},
        "web": {"redirectUriSettings": None},
    }

    app_id: Guid | UnsetType = UNSET
    display_name: Annotated[str, Meta(min_length=1, max_length=256)] | UnsetType = UNSET
    description: Perhaps[Text] = UNSET
    sign_in_audience: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": AUDIENCES})]] = UNSET
    identifier_uris: Perhaps[
        Annotated[tuple[Annotated[str, Meta(max_length=LONGEST_IDENTIFIER)], ...], Meta(max_length=100)]
    ] = UNSET
    api: Perhaps[ApiPart] = UNSET
    required_resource_access: Perhaps[
        Annotated[tuple[RequiredPart, ...], Meta(max_length=MOST_APPLICATIONS)]
    ] = UNSET
    app_roles: Perhaps[Annotated[tuple[AppRolePart, ...], Meta(max_length=MOST_PERMISSIONS)]] = UNSET
    app_role_assignment_required: Perhaps[bool] = UNSET
    key_credentials: Perhaps[Annotated[tuple[KeyPart, ...], Meta(max_length=credentials.MOST)]] = UNSET
    web: Perhaps[WebPart] = UNSET
    spa: Perhaps[RedirectPart] = UNSET
    public_client: Perhaps[RedirectPart] = UNSET
    is_fallback_public_client: Perhaps[bool] = UNSET
    optional_claims: Perhaps[OptionalClaimsPart] = UNSET
    group_membership_claims: Perhaps[Annotated[str, Meta(extra_json_schema={"enum": GROUPS})]] = UNSET
    token_encryption_key_id: Perhaps[Guid] = UNSET
    about: Perhaps[AboutPart] = field(name="info", default=UNSET)


class PasswordPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A secret that is to be made: what it is called, and when it ends."""

    display_name: Annotated[str, Meta(max_length=90)] | None = None
    end_date_time: Moment | None = None


class AddPasswordFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A secret, made by the server."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    password_credential: Perhaps[PasswordPart] = UNSET


class AddKeyFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One more certificate."""

    NEEDS: ClassVar[tuple[str, ...]] = ("keyCredential",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {"passwordCredential": None, "proof": None}

    key_credential: KeyPart


class KeyIdFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A secret or a certificate, by its id."""

    NEEDS: ClassVar[tuple[str, ...]] = ("keyId",)
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {"proof": None}

    key_id: Guid


class FederatedFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Tokens of another issuer that prove an application."""

    NEEDS: ClassVar[tuple[str, ...]] = ("name", "issuer", "subject", "audiences")
    ONCE: ClassVar[tuple[str, ...]] = ("name", "issuer", "subject", "audiences", "description")
    PROMISES: ClassVar[Mapping[str, object]] = {"claimsMatchingExpression": None}

    name: Annotated[str, Meta(max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,}\Z")]
    issuer: Annotated[str, Meta(max_length=600)]
    subject: Annotated[str, Meta(min_length=1, max_length=600)]
    audiences: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=600)], ...], Meta(min_length=1, max_length=1)
    ]
    description: Perhaps[Annotated[str, Meta(max_length=600)]] = UNSET


def inner(part: Struct | UnsetType | None, name: str) -> Any:  # noqa: ANN401 - whatever the member is
    """What a part says: unset where it is not said, None where all of it goes back to its default."""
    return getattr(part, name) if isinstance(part, Struct) else part
