"""/api/v2/users: the people of a tenant."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import UNSET, Struct, field

from sekisho.api import match, query, view, whom
from sekisho.api.bearer import actor, need
from sekisho.api.listing import Branches, Filter, Listing, column, listed
from sekisho.api.operation import Parameter, Words
from sekisho.api.view import Maybe, unless_empty
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.user import User
from sekisho.people import users
from sekisho.people.user_fields import UserFields
from sekisho.spec import document, login
from sekisho.spec.http import Answer, Ask, one
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

READ = ("read:users", "read:user_idp_tokens")
UPDATE = ("update:users", "update:users_app_metadata")
SHORTEST = 3  # of the beginning of an address
BEGINNING = "*"
_TERM = re.compile(r'(?:(email|user_id|username):)?(?:"([^"\\*]{1,300})"|([^\s"\\()?~:*]{1,300}))(\*?)')
ONLY = 'Only email:"…", user_id:"…", username:"…", or how an address begins: q'


def _sought(text: str, _: Tenant) -> Branches:
    """Whom `q` looks for: by a whole name, or by how an e-mail address begins."""
    term = _TERM.fullmatch(text.strip())
    if term is None or (term[4] and (term[2] or term[1] not in (None, "email"))):
        raise query.invalid(ONLY)
    value = term[2] or term[3]
    if term[1] and not term[4]:
        return _named(term[1], value)
    if len(value) < SHORTEST:
        raise query.invalid(f"At least {SHORTEST} characters: q")
    return ({"address": login.beginning(value)},)


def _named(kind: str, value: str) -> Branches:
    """By one of its names, if it is one of that kind."""
    try:
        name = value if kind == "user_id" else login.canonical(value)
    except Refused:
        return ()
    kinds = {"email": "@" in name, "username": "@" not in name, "user_id": users.is_id(name)}
    return ({"name": name},) if kinds[kind] else ()


def _engine(value: str, _: Tenant) -> Branches:
    if value != "v3":
        raise query.invalid("Only v3: search_engine")
    return ({},)


USERS = Listing(
    User,
    "users",
    {
        "q": Filter(
            Words(
                'email:"…", user_id:"…" or username:"…"; or how an e-mail address begins, as ann*.',
                'email:"…"、user_id:"…"、username:"…"、またはメールアドレスの先頭部分（ann* など）。',
            ),
            _sought,
        ),
        "connection": column("connection", Words("Only those of this connection.", "このコネクションのみ。")),
        "search_engine": Filter(Words("v3, and nothing else.", "v3 のみ。"), _engine, Literal["v3"]),
    },
)
EMAIL = (
    Parameter("email", str, Words("The whole address.", "メールアドレス全体。"), needed=True),
    *view.CUT,
)


class IdentitySeen(Struct, kw_only=True):
    """Where a user comes from."""

    connection: str
    user_id: str
    provider: str
    is_social: bool = field(name="isSocial", default=False)


class UserSeen(Struct, kw_only=True):
    """A user. A password is in no answer."""

    user_id: str
    email: Maybe[str] = UNSET
    email_verified: Maybe[bool] = UNSET
    username: Maybe[str] = UNSET
    phone_number: Maybe[str] = UNSET
    phone_verified: Maybe[bool] = UNSET
    phone_number_verified: Maybe[bool] = UNSET
    created_at: str
    updated_at: str
    identities: Sequence[IdentitySeen]
    name: str
    nickname: str
    given_name: Maybe[str] = UNSET
    middle_name: Maybe[str] = UNSET
    family_name: Maybe[str] = UNSET
    preferred_username: Maybe[str] = UNSET
    profile: Maybe[str] = UNSET
    picture: Maybe[str] = UNSET
    website: Maybe[str] = UNSET
    gender: Maybe[str] = UNSET
    birthdate: Maybe[str] = UNSET
    zoneinfo: Maybe[str] = UNSET
    locale: Maybe[str] = UNSET
    address: Maybe[Mapping[str, str]] = UNSET
    blocked: Maybe[bool] = UNSET
    user_metadata: Maybe[Mapping[str, Any]] = UNSET
    app_metadata: Maybe[Mapping[str, Any]] = UNSET


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users."""
    return await listed(ask, tenant, USERS, _view)


async def by_email(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users-by-email: nobody or one, because an address is one person's."""
    cut, email = view.cutter(ask), one(ask.query, "email")
    if not email:
        raise query.invalid("Missing required property: email")
    found = []
    for where in _named("email", email):
        user = await users.of_login(tenant, where["name"])
        found += [cut(_view(user))] if user else []
    return view.shown(found)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /users."""
    asked = fields.creation(document.parse(ask.body), UserFields)
    return _shown(await users.create(tenant, asked, actor(bearer, ask)), 201)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}."""
    cut = view.cutter(ask)
    user = await whom.user(ask, tenant)
    return view.shown(cut(_view(user)), version=user.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /users/{id}: a block or another password ends everything that was given before."""
    asked = fields.amendment(document.parse(ask.body), UserFields)
    if set(fields.written(asked)) - {"app_metadata"}:
        need(bearer, "update:users")
    return _shown(
        await users.change(tenant, whom.user_id(ask), asked, actor(bearer, ask), match.versions(ask))
    )


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}: the user, and all that was given in its name."""
    at = match.versions(ask)
    if users.is_id(ask.names["id"]):
        await users.delete(tenant, ask.names["id"], actor(bearer, ask), at)
    return view.nothing()


def _shown(user: User, status: int = 200) -> Answer:
    return view.shown(_view(user), status, version=user.version)


def _view(user: User) -> view.View:
    provider, _, id = user.user_id.partition("|")
    told: dict[str, Any] = {name: value for name, value in user.standard.items() if name != "updated_at"}
    if "phone_number_verified" in told:
        told["phone_verified"] = told["phone_number_verified"]
    if "preferred_username" not in user.claims:
        told.pop("preferred_username", None)
    seen = UserSeen(
        user_id=user.user_id,
        username=unless_empty(user.username),
        created_at=view.moment(user.created_at),
        updated_at=view.moment(user.updated_at),
        identities=[IdentitySeen(connection=user.connection, user_id=id, provider=provider)],
        blocked=user.blocked or UNSET,
        user_metadata=unless_empty(user.user_metadata),
        app_metadata=unless_empty(user.app_metadata),
        **told,
    )
    return view.members(seen)
