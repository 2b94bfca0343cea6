"""A policy in the words of Graph's conditionalAccessPolicy."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from sekisho.change.fields import Perhaps
from sekisho.spec.conditional.terms import State

MOST_NAMES = 100
LONGEST = 600
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Names = Annotated[tuple[Name, ...], Meta(max_length=MOST_NAMES)]
Control = Literal["block", "mfa"]
Unit = Literal["minutes", "hours", "days"]
# So many seconds are one of it, the greatest first.
UNITS: Mapping[Unit, int] = {"days": 86_400, "hours": 3_600, "minutes": 60}
MOST_UNITS = 365 * 24 * 60


class Applications(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The APIs that it is about, by any identifier; or the authentication contexts that it is for."""

    include_applications: Names = ()
    exclude_applications: Names = ()
    include_authentication_context_class_references: Names = ()


class ClientApplications(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The applications that ask, by their client ids."""

    included: Names = field(default=(), name="includeServicePrincipals")
    excluded: Names = field(default=(), name="excludeServicePrincipals")


class Users(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Whom it is about: people by GUID or user id, groups (roles) by GUID or id."""

    include_users: Names = ()
    exclude_users: Names = ()
    include_groups: Names = ()
    exclude_groups: Names = ()


class Locations(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Networks in CIDR notation, where Graph names locations that are kept apart."""

    include_locations: Names = ()
    exclude_locations: Names = ()


class Conditions(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """When it holds. What is not said is not asked, but for whom it is about."""

    users: Users
    applications: Applications | None = None
    client_applications: ClientApplications | None = None
    locations: Locations | None = None


class GrantControls(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What it demands; `authenticationContext` is ours."""

    operator: Literal["AND", "OR"] = "AND"
    built_in_controls: Annotated[tuple[Control, ...], Meta(max_length=2)] = ()
    authentication_context: Annotated[str, Meta(max_length=128)] | None = None


class SignInFrequency(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How old a sign-in may be; `minutes` are ours."""

    value: Annotated[int, Meta(ge=1, le=MOST_UNITS)]
    type: Unit
    is_enabled: bool = True


class SessionControls(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """How long it stays so."""

    sign_in_frequency: SignInFrequency | None = None


class AccessPolicyFields(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What may be said about a policy; a member that is said is said as a whole."""

    NEEDS: ClassVar[tuple[str, ...]] = ("displayName", "conditions")
    ONCE: ClassVar[tuple[str, ...]] = ()
    PROMISES: ClassVar[Mapping[str, object]] = {}

    display_name: Annotated[str, Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    state: Perhaps[State] = UNSET
    conditions: Conditions | UnsetType = UNSET
    grant_controls: Perhaps[GrantControls] = UNSET
    session_controls: Perhaps[SessionControls] = UNSET
