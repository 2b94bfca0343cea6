"""/api/v2/grants: what users agreed to."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, field

from sekisho.api import query, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Branches, Filter, Listing, column, listed
from sekisho.api.operation import Parameter, Words
from sekisho.api.view import Maybe, unless_empty
from sekisho.model.api import USERINFO
from sekisho.model.bearer import Bearer
from sekisho.model.consent import Consent
from sekisho.oauth import whose
from sekisho.people import consents
from sekisho.spec.http import Answer, Ask, one
from sekisho.store.nouns import OWN
from sekisho.tenant import Tenant

WHOSE = Words("Only those of this user.", "このユーザーのものだけ。")


def _of_audience(value: str, tenant: Tenant) -> Branches:
    """By the API; the server itself goes by its /userinfo."""
    return ({"tag": OWN if whose.is_userinfo(value, tenant) else value},)


GRANTS = Listing(
    Consent,
    "grants",
    {
        "user_id": column("user_id", WHOSE),
        "client_id": column("client_id", Words("Only those of this client.", "このクライアントのものだけ。")),
        "audience": Filter(Words("Only those for this API.", "この API のものだけ。"), _of_audience),
    },
)
OF_USER = (Parameter("user_id", str, Words("Whose.", "対象のユーザー。"), needed=True),)


class GrantSeen(Struct, kw_only=True):
    """What a user lets a client do."""

    id: str
    client_id: str = field(name="clientID")
    user_id: Maybe[str] = UNSET
    audience: str
    scope: Sequence[str]


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /grants."""
    return await listed(ask, tenant, GRANTS, lambda consent: _view(consent, ask, tenant))


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /grants/{id}: the client loses every token of this person."""
    await consents.withdraw(tenant, ask.names["id"], actor(bearer, ask))
    return view.nothing()


async def delete_all(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /grants?user_id=: the same for all clients."""
    user = one(ask.query, "user_id")
    if not user:
        raise query.invalid("Missing required property: user_id")
    await consents.withdraw_all(tenant, user, actor(bearer, ask))
    return view.nothing()


def _view(consent: Consent, ask: Ask, tenant: Tenant) -> view.View:
    seen = GrantSeen(
        id=consent.id,
        client_id=consent.client,
        user_id=unless_empty(consent.user or ""),
        audience=whose.audience_of(consent.api or USERINFO, tenant.issuer(ask)),
        scope=list(consent.scopes),
    )
    return view.members(seen)
