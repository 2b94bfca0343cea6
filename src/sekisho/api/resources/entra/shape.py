"""An application as Graph's `application` has it."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha1

from msgspec import Struct, field

from sekisho.api import view
from sekisho.model.api import Api, AppRole, Scope
from sekisho.model.client import Client, Credential, OptionalClaim, Secret
from sekisho.registry.applications import keys
from sekisho.registry.applications.parts import (
    AboutPart,
    AccessPart,
    ApiPart,
    AppRolePart,
    ImplicitPart,
    OptionalClaimPart,
    OptionalClaimsPart,
    PermissionScopePart,
    PreAuthorizedPart,
    RedirectPart,
    RequiredPart,
    WebPart,
)
from sekisho.registry.applications.verbs import Application


class KeyCredentialSeen(Struct, kw_only=True, rename="camel"):
    """A certificate; the certificate itself is not shown again."""

    key_id: str
    custom_key_identifier: str
    display_name: str | None
    start_date_time: str | None
    end_date_time: str | None
    type: str = "AsymmetricX509Cert"
    usage: str
    key: None = None


class PasswordCredentialSeen(Struct, kw_only=True, rename="camel"):
    """A secret. `secretText` is in the answer that makes it, and in no other."""

    key_id: str
    display_name: str | None
    hint: str
    start_date_time: str
    end_date_time: str | None
    secret_text: str | None = None


class EntraApplicationSeen(Struct, kw_only=True, rename="camel"):
    """An application: a client, and the API that it is, if it is one."""

    id: str
    app_id: str
    display_name: str
    description: str | None
    created_date_time: str
    publisher_domain: str | None
    sign_in_audience: str
    identifier_uris: Sequence[str]
    api: ApiPart
    required_resource_access: Sequence[RequiredPart]
    app_roles: Sequence[AppRolePart]
    app_role_assignment_required: bool
    key_credentials: Sequence[KeyCredentialSeen]
    password_credentials: Sequence[PasswordCredentialSeen]
    web: WebPart
    spa: RedirectPart
    public_client: RedirectPart
    is_fallback_public_client: bool
    optional_claims: OptionalClaimsPart
    group_membership_claims: str | None
    token_encryption_key_id: str | None
    about: AboutPart = field(name="info")


def shown(application: Application, domain: str | None) -> view.View:
    """The members of an application."""
    client, api = application.client, application.api
    seen = EntraApplicationSeen(
        id=client.id,
        app_id=client.client_id,
        display_name=client.name,
        description=client.description or None,
        created_date_time=view.moment(client.created_at),
        publisher_domain=domain,
        sign_in_audience=client.sign_in_audience,
        identifier_uris=api.identifiers[1:] if api else (),
        api=_exposed(api),
        required_resource_access=_required(client),
        app_roles=[_role(each) for each in api.app_roles] if api else [],
        app_role_assignment_required=bool(api and api.assignment_required),
        key_credentials=[key(client, each) for each in keys.certificates(client)],
        password_credentials=[password(each) for each in client.secrets],
        web=_web(client),
        spa=RedirectPart(redirect_uris=_urls(client, "spa")),
        public_client=RedirectPart(redirect_uris=_urls(client, "public")),
        is_fallback_public_client=client.is_fallback_public,
        optional_claims=_claims(client, api),
        group_membership_claims=client.groups_claim or None,
        token_encryption_key_id=_encryption(client, api),
        about=_about(client),
    )
    return view.members(seen)


def key(client: Client, each: Credential) -> KeyCredentialSeen:
    """A certificate as it is shown."""
    digest = sha1(each.der, usedforsecurity=False).digest()
    return KeyCredentialSeen(
        key_id=keys.key_id(client, each.id),
        custom_key_identifier=b64encode(digest).decode(),
        display_name=each.name or None,
        start_date_time=_moment(each.starts_at),
        end_date_time=_moment(each.expires_at),
        usage=keys.usage(each),
    )


def password(each: Secret, text: str | None = None) -> PasswordCredentialSeen:
    """A secret as it is shown, with its text where it was just made."""
    return PasswordCredentialSeen(
        key_id=each.id,
        display_name=each.name or None,
        hint=each.hint,
        start_date_time=view.moment(each.created_at),
        end_date_time=_moment(each.expires_at),
        secret_text=text,
    )


def _exposed(api: Api | None) -> ApiPart:
    if api is None:
        return ApiPart(
            requested_access_token_version=None,
            oauth2_permission_scopes=(),
            pre_authorized_applications=(),
            known_client_applications=(),
        )
    return ApiPart(
        requested_access_token_version=2 if api.dialect == "entra_v2" else None,
        oauth2_permission_scopes=tuple(map(_scope, api.scopes)),
        pre_authorized_applications=tuple(
            PreAuthorizedPart(app_id=each.client, delegated_permission_ids=each.scopes)
            for each in api.pre_authorized
        ),
        known_client_applications=api.known_clients,
    )


def _scope(each: Scope) -> PermissionScopePart:
    return PermissionScopePart(
        id=each.id,
        value=each.value,
        type=each.kind,
        is_enabled=each.enabled,
        admin_consent_display_name=each.admin_title or None,
        admin_consent_description=each.admin_description or None,
        user_consent_display_name=each.title or None,
        user_consent_description=each.description or None,
    )


def _role(each: AppRole) -> AppRolePart:
    return AppRolePart(
        id=each.id,
        value=each.value,
        display_name=each.name,
        description=each.description or None,
        allowed_member_types=each.members,
        is_enabled=each.enabled,
    )


def _required(client: Client) -> list[RequiredPart]:
    return [
        RequiredPart(
            resource_app_id=each.resource,
            resource_access=tuple(AccessPart(id=one.id, type=one.kind) for one in each.access),
        )
        for each in client.required
    ]


def _web(client: Client) -> WebPart:
    front = client.front_channel if "implicit" in client.grant_types else ()
    return WebPart(
        redirect_uris=_urls(client, "web"),
        logout_url=client.front_logout_uri or None,
        home_page_url=client.homepage_uri or None,
        implicit_grant_settings=ImplicitPart(
            enable_id_token_issuance="id_token" in front, enable_access_token_issuance="token" in front
        ),
    )


def _about(client: Client) -> AboutPart:
    return AboutPart(
        logo_url=client.logo_uri or None,
        privacy_statement_url=client.policy_uri or None,
        support_url=client.support_uri or None,
        terms_url=client.tos_uri or None,
    )


def _urls(client: Client, kind: str) -> tuple[str, ...]:
    return tuple(each.url for each in client.reply_urls if each.kind == kind)


def _claims(client: Client, api: Api | None) -> OptionalClaimsPart:
    return OptionalClaimsPart(
        id_token=_asked(client.id_token_claims), access_token=_asked(api.access_token_claims if api else ())
    )


def _asked(claims: Iterable[OptionalClaim]) -> tuple[OptionalClaimPart, ...]:
    return tuple(
        OptionalClaimPart(
            name=each.name,
            source="user" if each.source else None,
            essential=each.essential,
            additional_properties=each.properties,
        )
        for each in claims
    )


def _encryption(client: Client, api: Api | None) -> str | None:
    meant = api.encryption.der if api and api.encryption else None
    found = (
        each for each in keys.certificates(client) if each.der == meant and keys.usage(each) == "Encrypt"
    )
    return next((keys.key_id(client, each.id) for each in found), None)


def _moment(at: float | None) -> str | None:
    return None if at is None else view.moment(at)
