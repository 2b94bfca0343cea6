"""What may be said about a user: Auth0's names and every standard claim of OpenID Connect."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from sekisho.change.fields import Perhaps, given
from sekisho.model.user import User
from sekisho.spec import login
from sekisho.spec.metadata import problem
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import IDENTITIES_MANY, LOGIN_MALFORMED

LARGEST_METADATA = 16_384
# One of them at a time: each is a way to take an account over.
IDENTITIES = frozenset(("email", "phone_number", "username", "password"))
METADATA = ("user_metadata", "app_metadata")

Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Word = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/ -]*\Z")]
Web = Annotated[str, Meta(max_length=1_500, pattern=r"^https?://[^\s\x00-\x1f\x7f<>\"'`]+\Z")]
Email = Annotated[str, Meta(max_length=login.LONGEST, pattern=r"^[^@]+@[^@]+\Z")]
Phone = Annotated[str, Meta(pattern=r"^\+[0-9]{1,15}(;ext=[0-9]{1,10})?\Z")]
Birthdate = Annotated[str, Meta(pattern=r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?\Z")]
Locale = Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*\Z")]
Line = Annotated[str, Meta(max_length=500, pattern=r"^[^\x00]*\Z")]
UserId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~-]{1,128}\Z")]


class Address(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A postal address (OpenID Connect Core 1.0 section 5.1.1)."""

    formatted: Line = ""
    street_address: Line = ""
    locality: Line = ""
    region: Line = ""
    postal_code: Line = ""
    country: Line = ""


class UserFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said about a user, in the wire's words."""

    NEEDS: ClassVar[tuple[str, ...]] = ("connection",)
    ONCE: ClassVar[tuple[str, ...]] = ("user_id",)
    PROMISES: ClassVar[Mapping[str, object]] = {
        "client_id": None,
        "verify_email": False,
        "verify_phone_number": False,
    }

    connection: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    user_id: UserId | UnsetType = UNSET
    username: Perhaps[Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^@]*\Z")]] = UNSET
    password: str | UnsetType = UNSET
    blocked: Perhaps[bool] = UNSET
    email: Perhaps[Email] = UNSET
    email_verified: Perhaps[bool] = UNSET
    phone_number: Perhaps[Phone] = UNSET
    phone_verified: Perhaps[bool] = UNSET
    phone_number_verified: Perhaps[bool] = UNSET
    name: Perhaps[Name] = UNSET
    nickname: Perhaps[Name] = UNSET
    given_name: Perhaps[Name] = UNSET
    middle_name: Perhaps[Name] = UNSET
    family_name: Perhaps[Name] = UNSET
    preferred_username: Perhaps[Name] = UNSET
    profile: Perhaps[Web] = UNSET
    picture: Perhaps[Web] = UNSET
    website: Perhaps[Web] = UNSET
    gender: Perhaps[Name] = UNSET
    birthdate: Perhaps[Birthdate] = UNSET
    zoneinfo: Perhaps[Word] = UNSET
    locale: Perhaps[Locale] = UNSET
    address: Perhaps[Address] = UNSET
    user_metadata: Perhaps[dict[str, Any]] = UNSET
    app_metadata: Perhaps[dict[str, Any]] = UNSET


def email_is_sound(text: str) -> None:
    """An address that somebody can sign in with."""
    try:
        msgspec.convert(text, Email)
    except msgspec.ValidationError as error:
        raise Refused(LOGIN_MALFORMED, debug="it is no e-mail address") from error
    login.canonical(text)


def one_identity_changes(asked: UserFields) -> None:
    """E-mail, telephone, name and password change one at a time."""
    if len(IDENTITIES & given(asked).keys()) > 1:
        raise Refused(IDENTITIES_MANY)


def changed(user: User, asked: UserFields) -> User:
    """The user with these values, within the rules. None takes a value away."""
    values = {name: value for name, value in given(asked).items() if name not in ("user_id", "password")}
    if values.pop("connection", user.connection) != user.connection:
        raise problem("connection", "The user is of another connection")
    username = values.pop("username", user.username) or ""
    blocked = bool(values.pop("blocked", user.blocked))
    kept = {name: _merged(name, getattr(user, name), values.pop(name, UNSET)) for name in METADATA}
    claims = _claims(user.claims, values)
    logins = tuple(
        dict.fromkeys(map(login.canonical, filter(None, (str(claims.get("email", "")), username))))
    )
    if not logins:
        raise problem("email", "A user has an email or a username")
    return replace(user, username=username, blocked=blocked, claims=claims, logins=logins, **kept)


def _claims(old: Mapping[str, object], values: dict[str, Any]) -> dict[str, object]:
    """The claims; an address or number that changes is not verified, unless that is said with it."""
    said = {name: _plain(name, value) for name, value in values.items() if name != "phone_verified"}
    if "phone_verified" in values:
        said["phone_number_verified"] = values["phone_verified"]
        if values.get("phone_number_verified", values["phone_verified"]) != values["phone_verified"]:
            raise problem("phone_verified", "Says something else than phone_number_verified")
    for name in ("email", "phone_number"):
        if name in said and said[name] != old.get(name):
            said = {f"{name}_verified": False if said[name] else None, **said}
    claims = {name: value for name, value in {**old, **said}.items() if value is not None}
    for name in ("email", "phone_number"):
        if name not in claims and f"{name}_verified" in claims:
            raise problem(f"{name}_verified", f"There is no {name}")
    return claims


def _plain(name: str, value: Any) -> object:  # noqa: ANN401 - one claim of any type
    if name == "email" and value is not None:
        return unicodedata.normalize("NFKC", value.strip().lower())
    return msgspec.to_builtins(value) or None if isinstance(value, Address) else value


def _merged(field: str, old: Mapping[str, object], new: Mapping[str, object] | UnsetType | None) -> object:
    """Members merge at the first level; null takes one away, no members take all."""
    if new is UNSET:
        return old
    merged = {name: value for name, value in {**old, **new}.items() if value is not None} if new else {}
    if len(msgspec.json.encode(merged)) > LARGEST_METADATA:
        raise problem(field, f"More than {LARGEST_METADATA} bytes")
    return merged
