"""/api/v2/registered-applications: releases of software, and the statements that are embedded in them."""

from collections.abc import Sequence

from msgspec import Struct

from sekisho.api import match, view
from sekisho.api.bearer import actor
from sekisho.api.listing import Listing, listed
from sekisho.api.view import Maybe
from sekisho.change import fields
from sekisho.model.bearer import Bearer
from sekisho.model.registered_application import RegisteredApplication, State
from sekisho.model.software_statement import SoftwareStatement
from sekisho.registry import registered_applications
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.spec import document
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement

APPLICATIONS = Listing(RegisteredApplication, "registered_applications")
STATEMENTS = Listing(SoftwareStatement, "software_statements")
KIND = "text/plain"


class RegisteredApplicationSeen(Struct, kw_only=True):
    """A release of somebody's software. Once it is published, it only changes by being revoked."""

    id: str
    name: str
    version: str
    channels: Sequence[str]
    platforms: Sequence[str]
    domains: Sequence[str]
    custom_schemes: Sequence[str]
    scopes: Sequence[str]
    state: State
    created_at: str
    published_at: Maybe[str]
    revoked_at: Maybe[str]


class SoftwareStatementSeen(Struct, kw_only=True):
    """A statement that was given out; its text is signed at each download and kept nowhere."""

    jti: str
    created_at: str
    revoked_at: Maybe[str]


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /registered-applications."""
    return await listed(ask, tenant, APPLICATIONS, _view)


async def create(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /registered-applications: a draft."""
    asked = fields.creation(document.parse(ask.body), ApplicationFields)
    return _shown(await registered_applications.create(tenant, asked, actor(bearer, ask)), 201)


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /registered-applications/{id}."""
    cut = view.cutter(ask)
    application = await registered_applications.find(tenant, ask.names["id"])
    return view.shown(cut(_view(application)), version=application.version)


async def change(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """PATCH /registered-applications/{id}: of a draft."""
    asked = fields.amendment(document.parse(ask.body), ApplicationFields)
    id, at = ask.names["id"], match.versions(ask)
    return _shown(await registered_applications.change(tenant, id, asked, actor(bearer, ask), at))


async def publish(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /registered-applications/{id}/publish: from now on there are statements."""
    id, at = ask.names["id"], match.versions(ask)
    return _shown(await registered_applications.publish(tenant, id, actor(bearer, ask), at))


async def revoke(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /registered-applications/{id}/revoke: its statements, its clients and their tokens end."""
    id, at = ask.names["id"], match.versions(ask)
    return _shown(await registered_applications.revoke(tenant, id, actor(bearer, ask), at))


async def download(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /registered-applications/{id}/software-statement: one more; earlier ones stay good."""
    made = await registered_applications.give_statement(tenant, ask.names["id"], actor(bearer, ask))
    able = await tenant.able(software_statement.RING, software_statement.ALG)
    text = software_statement.mint(made, tenant.issuer(ask), able)
    file = f'attachment; filename="software_statement_{int(tenant.now() * 1000)}.txt"'
    return Answer(body=text.encode(), kind=KIND, headers=(*NO_STORE, ("content-disposition", file)))


async def every_statement(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /registered-applications/{id}/software-statements."""
    application = await registered_applications.find(tenant, ask.names["id"])
    return await listed(ask, tenant, STATEMENTS, _statement, {"application": application.id})


async def revoke_statement(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST …/software-statements/{jti}/revoke: the clients that came by it end."""
    id, jti = ask.names["id"], ask.names["jti"]
    revoked = await registered_applications.revoke_statement(
        tenant, id, jti, actor(bearer, ask), match.versions(ask)
    )
    return view.shown(_statement(revoked), version=revoked.version)


def _shown(application: RegisteredApplication, status: int = 200) -> Answer:
    return view.shown(_view(application), status, version=application.version)


def _view(application: RegisteredApplication) -> view.View:
    seen = RegisteredApplicationSeen(
        id=application.id,
        name=application.name,
        version=application.release,
        channels=list(application.channels),
        platforms=list(application.platforms),
        domains=list(application.domains),
        custom_schemes=list(application.custom_schemes),
        scopes=list(application.scopes),
        state=application.state,
        created_at=view.moment(application.created_at),
        published_at=view.perhaps(application.published_at),
        revoked_at=view.perhaps(application.revoked_at),
    )
    return view.members(seen)


def _statement(statement: SoftwareStatement) -> view.View:
    seen = SoftwareStatementSeen(
        jti=statement.id,
        created_at=view.moment(statement.created_at),
        revoked_at=view.perhaps(statement.revoked_at),
    )
    return view.members(seen)
