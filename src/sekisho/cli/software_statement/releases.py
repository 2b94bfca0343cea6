"""Registered applications and their statements, as the command line asks for them."""

from dataclasses import dataclass

from sekisho.change.fields import creation
from sekisho.change.unit import whole
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import Row
from sekisho.cli.work import OPERATOR, at_work, moment, origin_of
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.registry import registered_applications
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.tokens import software_statement


@dataclass(frozen=True, slots=True)
class New:
    """What the options say about a new application."""

    name: str
    release: str
    channel: tuple[str, ...]
    platform: tuple[str, ...]
    domain: tuple[str, ...]
    custom_scheme: tuple[str, ...]
    scope: tuple[str, ...]


async def create(where: Where, whose: Whose, new: New) -> Row:
    """A draft."""
    members: dict[str, object] = {
        "name": new.name,
        "version": new.release,
        "channels": new.channel,
        "platforms": new.platform,
        "domains": new.domain,
        "custom_schemes": new.custom_scheme,
        "scopes": new.scope,
    }
    async with at_work(where, whose.tenant) as tenant:
        return _row(
            await registered_applications.create(tenant, creation(members, ApplicationFields), OPERATOR)
        )


async def every(where: Where, whose: Whose) -> list[Row]:
    """All of them, by name and age."""
    async with at_work(where, whose.tenant) as tenant:
        found = await whole(tenant, RegisteredApplication, {})
    return [_row(each) for each in sorted(found, key=lambda each: (each.name, each.created_at, each.id))]


async def show(where: Where, whose: Whose, id: str) -> Row:
    """One of them, with its statements."""
    async with at_work(where, whose.tenant) as tenant:
        found = await registered_applications.find(tenant, id)
        given = await whole(tenant, SoftwareStatement, {"application": id})
    given.sort(key=lambda each: (each.created_at, each.id))
    ends = {each.id: f", revoked {moment(each.revoked_at)}" if each.revoked_at else "" for each in given}
    told = {f"statement {each.id}": f"given {moment(each.created_at)}{ends[each.id]}" for each in given}
    return {**_row(found), **told}


async def publish(where: Where, whose: Whose, id: str) -> None:
    """From now on there are statements."""
    async with at_work(where, whose.tenant) as tenant:
        await registered_applications.publish(tenant, id, OPERATOR)


async def download(where: Where, whose: Whose, id: str) -> str:
    """The text of one more statement."""
    async with at_work(where, whose.tenant) as tenant:
        made = await registered_applications.give_statement(tenant, id, OPERATOR)
        able = await tenant.able(software_statement.RING, software_statement.ALG)
        return software_statement.mint(made, f"{origin_of(tenant)}/", able)


async def revoke(where: Where, whose: Whose, id: str, statement: str) -> None:
    """An application, or one statement of it."""
    async with at_work(where, whose.tenant) as tenant:
        if statement:
            await registered_applications.revoke_statement(tenant, id, statement, OPERATOR)
        else:
            await registered_applications.revoke(tenant, id, OPERATOR)


def _row(each: RegisteredApplication) -> Row:
    return {
        "id": each.id,
        "name": each.name,
        "version": each.release,
        "state": each.state,
        "channels": each.channels,
        "platforms": each.platforms,
        "domains": each.domains,
        "custom_schemes": each.custom_schemes,
        "scopes": each.scopes,
        "created_at": moment(each.created_at),
        "published_at": moment(each.published_at),
        "revoked_at": moment(each.revoked_at),
    }
