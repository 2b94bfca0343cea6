"""What may be said about a tenant, and what becomes of its policy by that."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, field
from msgspec.structs import fields

from sekisho.change.fields import Perhaps, applied, given
from sekisho.spec import metadata, password, reach
from sekisho.spec.exchange import chain
from sekisho.spec.policy import EXCHANGES, PASSWORD_GRANTS, PASSWORDLESS, Policy
from sekisho.spec.portal import site

# What Auth0 lets a tenant switch on and this server does not have: each can be said, none can be changed.
FLAGS: Mapping[str, bool] = dict.fromkeys(
    (
        "allow_changing_enable_sso",
        "allow_legacy_delegation_grant_types",
        "change_pwd_flow_v1",
        "disable_clickjack_protection_headers",
        "enable_client_connections",
        "enable_dynamic_client_registration",
        "enable_idtoken_api2",
        "enable_legacy_profile",
        "no_disclose_enterprise_connections",
        "remove_alg_from_jwks",
        "revoke_refresh_token_grant",
    ),
    False,
)

MOST_CALLS = 1_000_000
Hours = Annotated[float, Meta(ge=1 / 60, le=8_760)]
Minutes = Annotated[int, Meta(ge=1, le=525_600)]
RefreshSeconds = Annotated[int, Meta(ge=60, le=31_557_600)]


class AdobePassFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about installations of registered applications."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    reading: Perhaps[Literal["lenient", "strict"]] = field(name="device_info", default=UNSET)
    rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    allowance: Perhaps[Literal["refilled", "once"]] = UNSET
    registration_rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    registration_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET


class SiteFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a portal's own pages."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    folder: Perhaps[Annotated[str, Meta(max_length=site.LONGEST_FOLDER)]] = UNSET
    upstream: Perhaps[Annotated[str, Meta(max_length=reach.LONGEST_URL)]] = UNSET


class FlagFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The flags of a tenant that do something."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    pushing_required: Perhaps[bool] = field(name="require_pushed_authorization_requests", default=UNSET)
    taken_told: Perhaps[bool] = field(name="enable_public_signup_user_exists_error", default=UNSET)
    legacy_tokeninfo: Perhaps[bool] = field(name="allow_legacy_tokeninfo_endpoint", default=UNSET)
    legacy_ro: Perhaps[bool] = field(name="allow_legacy_ro_grant_types", default=UNSET)


class TenantFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a tenant, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ()
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {
        "acr_values_supported": [],
        "authorization_response_iss_parameter_supported": False,
        "client_id_metadata_document_supported": False,
        "customize_mfa_in_postlogin_action": False,
        "default_token_quota": None,
        "dpop_strict_refresh_token_binding": False,
        "dynamic_client_registration_security_mode": None,
        "flags": FLAGS,
        "mtls": {"enable_endpoint_aliases": False},
        "skip_non_verifiable_callback_uri_confirmation_prompt": None,
    }

    friendly_name: Perhaps[Annotated[str, Meta(max_length=255)]] = UNSET
    picture_url: Perhaps[str] = UNSET
    support_email: Perhaps[Annotated[str, Meta(max_length=254, pattern=r"^([^@\s<>]+@[^@\s<>]+)?\Z")]] = UNSET
    support_url: Perhaps[str] = UNSET
    default_audience: Perhaps[Annotated[str, Meta(max_length=metadata.LONGEST_IDENTIFIER)]] = UNSET
    languages: Perhaps[Annotated[tuple[Literal["en", "ja"], ...], Meta(min_length=1)]] = field(
        name="enabled_locales", default=UNSET
    )
    management_rate: Perhaps[Annotated[float, Meta(ge=1, le=MOST_CALLS)]] = UNSET
    management_burst: Perhaps[Annotated[int, Meta(ge=10, le=MOST_CALLS)]] = UNSET
    token_client_rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    token_client_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    token_address_rate: Perhaps[Annotated[float, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    token_address_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    adobe_pass: Perhaps[AdobePassFields] = UNSET
    site: Perhaps[SiteFields] = UNSET
    audit_days: Perhaps[Annotated[int, Meta(ge=0, le=3_650)]] = UNSET
    flags: Perhaps[FlagFields] = UNSET
    pushing_allowed: Perhaps[bool] = field(name="pushed_authorization_requests_supported", default=UNSET)
    session_lifetime: Perhaps[Hours] = UNSET
    session_lifetime_in_minutes: Perhaps[Minutes] = UNSET
    idle_session_lifetime: Perhaps[Hours] = UNSET
    idle_session_lifetime_in_minutes: Perhaps[Minutes] = UNSET
    refresh_lifetime: Perhaps[RefreshSeconds] = UNSET
    refresh_idle_lifetime: Perhaps[RefreshSeconds] = UNSET
    refresh_leeway: Perhaps[Annotated[int, Meta(ge=0, le=60)]] = UNSET
    password_shortest: Perhaps[Annotated[int, Meta(ge=password.SHORTEST, le=64)]] = UNSET
    sign_in_account_burst: Perhaps[Annotated[int, Meta(ge=1, le=100)]] = UNSET
    sign_in_account_seconds: Perhaps[Annotated[float, Meta(ge=1, le=86_400)]] = UNSET
    sign_in_address_burst: Perhaps[Annotated[int, Meta(ge=0, le=MOST_CALLS)]] = UNSET
    sign_in_address_seconds: Perhaps[Annotated[float, Meta(ge=1, le=86_400)]] = UNSET
    sign_up_allowed: Perhaps[bool] = UNSET
    user_consent_allowed: Perhaps[bool] = UNSET
    second_factor: Perhaps[Literal["never", "when_required", "always"]] = UNSET
    applications_may_take_passwords: Perhaps[bool] = UNSET
    passwordless_allowed: Perhaps[bool] = UNSET
    token_exchange_allowed: Perhaps[bool] = UNSET
    exchange_depth: Perhaps[Annotated[int, Meta(ge=1, le=chain.MOST)]] = UNSET
    allowed_logout_urls: Perhaps[Annotated[tuple[str, ...], Meta(max_length=100)]] = UNSET


# Sessions are said in hours, or in minutes, and kept in seconds.
LIFETIMES: Mapping[str, str] = {
    "session_lifetime": "session_lifetime",
    "idle_session_lifetime": "session_idle_lifetime",
}

# What switches grants on, all of them or none.
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "applications_may_take_passwords": PASSWORD_GRANTS,
    "passwordless_allowed": (PASSWORDLESS,),
    "token_exchange_allowed": EXCHANGES,
}


def decided(policy: Policy, asked: TenantFields) -> Policy:
    """The policy with what is said, within the rules."""
    values = given(asked)
    if isinstance(asked.adobe_pass, AdobePassFields):
        values["adobe_pass"] = applied(policy.adobe_pass, given(asked.adobe_pass))
    if isinstance(asked.site, SiteFields):
        values["site"] = applied(policy.site, given(asked.site))
    values |= _flags(values.pop("flags", UNSET)) | _lifetimes(values) | _grants(values, policy)
    new = applied(policy, values)
    metadata.values_are_unique("enabled_locales", new.languages)
    metadata.redirects_are_sound("allowed_logout_urls", new.allowed_logout_urls, "native")
    metadata.values_are_unique("allowed_logout_urls", new.allowed_logout_urls)
    for name, url in (("picture_url", new.picture_url), ("support_url", new.support_url)):
        if url:
            metadata.address_is_web(name, url)
    what_is_required_is_allowed(new)
    pages_are_at_one_place(new)
    return new


def what_is_required_is_allowed(policy: Policy) -> None:
    """A tenant that wants pushed requests takes them: otherwise nobody could sign in."""
    if policy.pushing_required and not policy.pushing_allowed:
        text = "Needs pushed_authorization_requests_supported"
        raise metadata.problem("flags.require_pushed_authorization_requests", text)


def pages_are_at_one_place(policy: Policy) -> None:
    """A portal has its pages in a folder, or at another server."""
    if policy.site.folder and policy.site.upstream:
        raise metadata.problem("site", "Takes folder or upstream, not both")


def flags_of(policy: Policy) -> dict[str, bool]:
    """All flags as they stand, by their wire names."""
    real = {each.encode_name: getattr(policy, each.name) for each in fields(FlagFields)}
    return {**FLAGS, **real}


def _grants(values: dict[str, Any], policy: Policy) -> dict[str, tuple[str, ...]]:
    """The grants of the tenant, with those that a switch stands for or without."""
    found = policy.grant_types
    for name, switched in SWITCHES.items():
        allowed = values.pop(name, UNSET)
        if allowed is not UNSET:
            others = tuple(each for each in found if each not in switched)
            found = (*others, *(switched if allowed else ()))
    return {"grant_types": found}


def _flags(flags: Perhaps[FlagFields]) -> dict[str, bool | None]:
    """The flags that are said; null brings the default of all of them back."""
    if flags is UNSET:
        return {}
    return given(flags) if flags else dict.fromkeys(FlagFields.__struct_fields__)


def _lifetimes(values: dict[str, Any]) -> dict[str, int | None]:
    """What is said in hours or minutes, by our names; it is taken out of the values."""
    found: dict[str, int | None] = {}
    for name, own in LIFETIMES.items():
        hours, minutes = values.pop(name, UNSET), values.pop(f"{name}_in_minutes", UNSET)
        if hours is not UNSET and minutes is not UNSET:
            raise metadata.problem(f"{name}_in_minutes", f"Excludes {name}")
        if hours is not UNSET:
            found[own] = None if hours is None else round(hours * 3_600)
        if minutes is not UNSET:
            found[own] = None if minutes is None else minutes * 60
    return found
