"""sekisho key: what a tenant signs with."""

import asyncio
from dataclasses import dataclass

import click

from sekisho.change.unit import whole
from sekisho.cli.options import as_json, for_tenant, option, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.reseal import reseal as reseal_all
from sekisho.cli.table import Row, show_all
from sekisho.cli.work import OPERATOR, at_work, moment
from sekisho.keys.ring import ALGS
from sekisho.model.signing_key import SigningKey
from sekisho.registry import keys

COLUMNS = ("ring", "alg", "state", "kid", "published", "signs_since", "signed_until")


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to rotate."""

    alg: str | None
    ring: str
    force: bool


@click.group()
def key() -> None:
    """List, rotate, revoke and reseal signing keys."""


@key.command("list")
@for_tenant
@as_json
@taking(Where, Whose)
def every(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the signing keys of a tenant, revoked ones too."""
    show_all(asyncio.run(_every(where, whose)), COLUMNS, as_json=as_json)


@key.command()
@click.argument("alg", type=click.Choice(ALGS), required=False)
@option("--ring", default=keys.TOKENS, show_default=True, help="Which ring.")
@option("--force", is_flag=True, help="Also where clients cannot have seen the next key yet: after a leak.")
@for_tenant
@as_json
@taking(Where, Whose, Turn)
def rotate(where: Where, whose: Whose, turn: Turn, *, as_json: bool) -> None:
    """Sign with the next key of ALG from now on; the current one is still recognised.

    Without ALG the keys of all algorithms that the ring has: all of them, or none.
    """
    show_all(asyncio.run(_rotate(where, whose, turn)), COLUMNS, as_json=as_json)


@key.command()
@click.argument("kid")
@for_tenant
@taking(Where, Whose)
def revoke(where: Where, whose: Whose, kid: str) -> None:
    """Recognise the retired key KID no more: its tokens end at once."""
    asyncio.run(_revoke(where, whose, kid))
    click.echo(f"The key {kid} is revoked.")


@key.command()
@for_tenant
@taking(Where, Whose)
def reseal(where: Where, whose: Whose) -> None:
    """Seal every secret at rest with the first line of the master key file.

    Without --tenant those of all tenants. It goes on where it was interrupted. Afterwards the other lines
    of the file may be removed, except the last one.
    """
    done = asyncio.run(reseal_all(where, whose.tenant))
    click.echo(f"{done.sealed} of {done.seen} records were sealed anew; the rest needed no new seal.")


async def _every(where: Where, whose: Whose) -> list[Row]:
    async with at_work(where, whose.tenant) as tenant:
        found = await whole(tenant, SigningKey, {})
    return [_row(each) for each in sorted(found, key=lambda each: (each.ring, each.alg, each.published_at))]


async def _rotate(where: Where, whose: Whose, turn: Turn) -> list[Row]:
    async with at_work(where, whose.tenant) as tenant:
        algs = (turn.alg,) if turn.alg else ()
        signs = await keys.rotate_all(tenant, algs, OPERATOR, ring=turn.ring, forced=turn.force)
        return [_row(each) for each in signs]


async def _revoke(where: Where, whose: Whose, kid: str) -> None:
    async with at_work(where, whose.tenant) as tenant:
        await keys.revoke(tenant, kid, OPERATOR)


def _row(each: SigningKey) -> Row:
    return {
        "ring": each.ring,
        "alg": each.alg,
        "state": each.state,
        "kid": each.id,
        "published": moment(each.published_at),
        "signs_since": moment(each.current_since),
        "signed_until": moment(each.current_until),
    }
