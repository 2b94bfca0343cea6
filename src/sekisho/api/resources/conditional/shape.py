"""A policy as Graph shows it."""

from collections.abc import Sequence

from msgspec import Struct, field

from sekisho.api import view
from sekisho.model.tenant import AccessPolicy
from sekisho.registry.access_policies.fields import UNITS, Control, Unit
from sekisho.spec.conditional.terms import State, Terms


class ApplicationsSeen(Struct, kw_only=True, rename="camel"):
    """The APIs that it is about; or the authentication contexts that it is for."""

    include_applications: Sequence[str]
    exclude_applications: Sequence[str]
    include_authentication_context_class_references: Sequence[str]


class ClientApplicationsSeen(Struct, kw_only=True):
    """The applications that ask."""

    included: Sequence[str] = field(name="includeServicePrincipals")
    excluded: Sequence[str] = field(name="excludeServicePrincipals")


class UsersSeen(Struct, kw_only=True, rename="camel"):
    """Whom it is about, by GUID."""

    include_users: Sequence[str]
    exclude_users: Sequence[str]
    include_groups: Sequence[str]
    exclude_groups: Sequence[str]


class LocationsSeen(Struct, kw_only=True, rename="camel"):
    """Networks in CIDR notation."""

    include_locations: Sequence[str]
    exclude_locations: Sequence[str]


class ConditionsSeen(Struct, kw_only=True, rename="camel"):
    """When it holds."""

    applications: ApplicationsSeen
    client_applications: ClientApplicationsSeen
    users: UsersSeen
    locations: LocationsSeen


class GrantControlsSeen(Struct, kw_only=True, rename="camel"):
    """What it demands."""

    operator: str
    built_in_controls: Sequence[Control]
    authentication_context: str | None


class SignInFrequencySeen(Struct, kw_only=True, rename="camel"):
    """How old a sign-in may be."""

    value: int
    type: Unit
    is_enabled: bool


class SessionControlsSeen(Struct, kw_only=True, rename="camel"):
    """How long it stays so."""

    sign_in_frequency: SignInFrequencySeen | None


class AccessPolicySeen(Struct, kw_only=True, rename="camel"):
    """A policy: its `id` is what claims challenges name."""

    id: str
    display_name: str
    state: State
    conditions: ConditionsSeen
    grant_controls: GrantControlsSeen
    session_controls: SessionControlsSeen
    created_date_time: str
    modified_date_time: str


def seen(policy: AccessPolicy) -> view.View:
    """All of it."""
    terms = policy.terms
    return view.members(
        AccessPolicySeen(
            id=policy.id,
            display_name=policy.name,
            state=terms.state,
            conditions=_conditions(terms),
            grant_controls=_controls(terms),
            session_controls=SessionControlsSeen(sign_in_frequency=_often(terms.max_age)),
            created_date_time=view.moment(policy.created_at),
            modified_date_time=view.moment(policy.updated_at),
        )
    )


def _conditions(terms: Terms) -> ConditionsSeen:
    return ConditionsSeen(
        applications=ApplicationsSeen(
            include_applications=list(terms.apis.include),
            exclude_applications=list(terms.apis.exclude),
            include_authentication_context_class_references=list(terms.contexts),
        ),
        client_applications=ClientApplicationsSeen(
            included=list(terms.clients.include),
            excluded=list(terms.clients.exclude),
        ),
        users=UsersSeen(
            include_users=list(terms.users.include),
            exclude_users=list(terms.users.exclude),
            include_groups=list(terms.groups.include),
            exclude_groups=list(terms.groups.exclude),
        ),
        locations=LocationsSeen(
            include_locations=list(terms.networks.include),
            exclude_locations=list(terms.networks.exclude),
        ),
    )


def _controls(terms: Terms) -> GrantControlsSeen:
    """One thing alone is as good as one of several: Graph's clients write it like that."""
    said: tuple[tuple[Control, bool], ...] = (("block", terms.block), ("mfa", terms.second_factor))
    found = [control for control, is_said in said if is_said]
    is_several = len(found) + bool(terms.context) > 1
    return GrantControlsSeen(
        operator="AND" if is_several else "OR",
        built_in_controls=found,
        authentication_context=terms.context or None,
    )


def _often(seconds: int | None) -> SignInFrequencySeen | None:
    """In the greatest unit that says it exactly."""
    if seconds is None:
        return None
    unit, size = next((unit, size) for unit, size in UNITS.items() if seconds % size == 0)
    return SignInFrequencySeen(value=seconds // size, type=unit, is_enabled=True)
