"""What a person may say about themselves: names, a language, a time zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sekisho.model.user import User
from sekisho.pages.reader import LANGUAGES
from sekisho.people.user_fields import UserFields
from sekisho.spec.http import Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import PROFILE_MALFORMED
from sekisho.tenant import Tenant

FIELDS = ("name", "given_name", "family_name", "locale", "zoneinfo")
# Whoever brought them along can correct them; nobody has to take their name apart.
_PARTS = ("given_name", "family_name")


@dataclass(frozen=True, slots=True)
class Profile:
    """A form: what stands in it, and what can be chosen."""

    said: Mapping[str, str]
    names: tuple[str, ...]
    languages: Sequence[tuple[str, str]]
    zones: Sequence[str]


def profile(user: User, tenant: Tenant, typed: Pairs = ()) -> Profile:
    """What is known about a person, or what they typed before it was refused."""
    # The list is long and read from the system: a server that shows no account never loads it.
    from sekisho.pages.account.zones import ZONES  # noqa: PLC0415

    known = {name: str(user.claims.get(name, "")) for name in FIELDS}
    zone = known["zoneinfo"]
    return Profile(
        said={**known, **{name: value for name, value in typed if name in known}},
        names=("name", *(name for name in _PARTS if known[name])),
        languages=_languages(known["locale"], tenant),
        zones=(*ZONES, zone) if zone and zone not in ZONES else ZONES,
    )


def asked(user: User, ask: Ask, tenant: Tenant) -> UserFields:
    """What the form says, as it may be said about a user; an empty field takes a value away."""
    form, offered = {name: value.strip() for name, value in ask.form if name in FIELDS}, profile(user, tenant)
    languages = [tag for tag, _ in offered.languages]
    for name, choices in (("locale", languages), ("zoneinfo", offered.zones)):
        if form.get(name) and form[name] not in choices:
            raise Refused(PROFILE_MALFORMED, debug=f"{name} is none that was offered")
    try:
        return msgspec.convert({name: value or None for name, value in form.items()}, UserFields)
    except msgspec.ValidationError as error:
        raise Refused(PROFILE_MALFORMED, debug=str(error)) from error


def _languages(locale: str, tenant: Tenant) -> list[tuple[str, str]]:
    """The languages of the tenant's pages; who said that theirs is of a region keeps it."""
    mine = locale.replace("_", "-").partition("-")[0].lower()
    offered = [tag for tag in tenant.policy.languages if tag in LANGUAGES]
    found = [(locale if tag == mine else tag, LANGUAGES[tag]) for tag in offered]
    return found if not locale or mine in offered else [*found, (locale, locale)]
