"""sekisho site-setting: how the portal of a tenant behaves, and what it signs with."""

import asyncio
from pathlib import Path

import click

from sekisho.cli.options import as_json, for_tenant, option, taking
from sekisho.cli.place import Where, Whose
from sekisho.cli.site_setting import portal
from sekisho.cli.table import show_all, show_one

COLUMNS = ("name", "value", "updated_at")
CERTIFICATE_COLUMNS = ("thumbprint", "expires_at", "signs")


@click.group("site-setting")
def site_setting() -> None:
    """Set what a portal is configured by, and bring certificates along that it signs with."""


@site_setting.command("list")
@for_tenant
@as_json
@taking(Where, Whose)
def every(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the site settings of a tenant; what is not set has its default."""
    show_all(asyncio.run(portal.every(where, whose)), COLUMNS, as_json=as_json)


@site_setting.command("set")
@click.argument("name")
@click.argument("value")
@for_tenant
@as_json
@taking(Where, Whose)
def put(where: Where, whose: Whose, name: str, value: str, *, as_json: bool) -> None:
    """Let the site setting NAME say VALUE; names are found in whatever case."""
    show_one(asyncio.run(portal.put(where, whose, name, value)), as_json=as_json)


@site_setting.command()
@click.argument("name")
@for_tenant
@taking(Where, Whose)
def unset(where: Where, whose: Whose, name: str) -> None:
    """Let the site setting NAME have its default again."""
    asyncio.run(portal.unset(where, whose, name))
    click.echo(f"The site setting {name} is unset.")


@site_setting.command()
@for_tenant
@as_json
@taking(Where, Whose)
def certificates(where: Where, whose: Whose, *, as_json: bool) -> None:
    """List the certificates that were brought along, and which of them signs."""
    show_all(asyncio.run(portal.certificates(where, whose)), CERTIFICATE_COLUMNS, as_json=as_json)


@site_setting.command("upload-certificate")
@click.argument("pfx", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file whose first line is the password of PFX; otherwise it is asked for.",
)
@for_tenant
@as_json
@taking(Where, Whose)
def upload(where: Where, whose: Whose, pfx: Path, password_file: Path | None, *, as_json: bool) -> None:
    """Take in a certificate with its key, out of the file PFX; it signs once a site setting names it."""
    if password_file:
        password = password_file.read_text("utf-8").partition("\n")[0].removesuffix("\r")
    else:
        password = click.prompt("Password", hide_input=True, default="", show_default=False, err=True)
    show_one(asyncio.run(portal.upload(where, whose, pfx.read_bytes(), password)), as_json=as_json)


@site_setting.command("delete-certificate")
@click.argument("thumbprint")
@for_tenant
@taking(Where, Whose)
def delete_certificate(where: Where, whose: Whose, thumbprint: str) -> None:
    """Throw a certificate away, with its key, unless a site setting names it."""
    asyncio.run(portal.delete(where, whose, thumbprint))
    click.echo(f"The certificate {thumbprint} is deleted.")
