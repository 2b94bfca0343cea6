"""sekisho claim-rule: claims of a tenant's own, and the expressions that say what is in them."""

import asyncio

import click

from sekisho.cli.claim_rule import rules
from sekisho.cli.claim_rule.rules import Change, New
from sekisho.cli.options import as_json, for_tenant, option, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.table import show_all, show_one

COLUMNS = ("id", "name", "claim", "expression", "tokens", "enabled")
CARRIERS = click.Choice(("id_token", "access_token", "userinfo"))


@click.group("claim-rule")
def claim_rule() -> None:
    """Put claims of your own into tokens."""


@claim_rule.command("list")
@for_tenant
@as_json
@taking(Where, Whose)
def every(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the claim rules of a tenant."""
    show_all(asyncio.run(rules.every(where, whose)), COLUMNS, as_json=as_json)


@claim_rule.command()
@click.argument("claim")
@click.argument("expression")
@option("--name", default="", help="What people call the rule; its claim unless said.")
@option(
    "--into",
    "token",
    type=CARRIERS,
    multiple=True,
    help="Where it appears: id_token unless said; repeatable.",
)
@for_tenant
@as_json
@taking(Where, Whose, New)
def create(where: Where, whose: Whose, new: New, *, as_json: bool) -> None:
    """Let the claim CLAIM say what EXPRESSION says, in every token from now on."""
    show_one(asyncio.run(rules.create(where, whose, new)), as_json=as_json)


@claim_rule.command()
@click.argument("id")
@option("--name", help="What people call it from now on.")
@option("--claim", help="Another claim.")
@option("--expression", help="Another expression.")
@option(
    "--into", "token", type=CARRIERS, multiple=True, help="Where it appears from now on; may be repeated."
)
@option("--enabled/--disabled", default=None, help="Whether it says anything.")
@for_tenant
@as_json
@taking(Where, Whose, Change)
def update(where: Where, whose: Whose, change: Change, *, as_json: bool) -> None:
    """Change the claim rule ID; what is not said stays."""
    show_one(asyncio.run(rules.update(where, whose, change)), as_json=as_json)


@claim_rule.command()
@click.argument("id")
@for_tenant
@taking(Where, Whose)
def delete(where: Where, whose: Whose, id: str) -> None:
    """Delete the claim rule ID; tokens that were issued keep the claim."""
    asyncio.run(rules.delete(where, whose, id))
    click.echo(f"The claim rule {id} is deleted.")
