"""What a developer reads when the server is ready."""

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from sekisho.cli.folder import CARD, DEFAULT, Card, Folder, Sample, SampleApplication, WebApplication
from sekisho.tenant import MANAGEMENT_PATH

WIDTH = 13


@contextmanager
def working(text: str) -> Iterator[None]:
    """Say what takes long, on a terminal only, and take it back afterwards."""
    if not sys.stderr.isatty():
        yield
        return
    click.echo(f"  {text} …", nl=False, err=True)
    try:
        yield
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def show(card: Card, folder: Folder) -> None:
    """Where everything is, one command that works when pasted, and what to do next."""
    lines = ["", click.style(f"  Sekisho 関所  {card.base_url}", bold=True), ""]
    lines += [f"  {name:{WIDTH}}{value}" for name, value in _facts(card, folder)]
    if card.web_application:
        lines += ["", *_people(card, card.web_application)]
    for sample in card.clients:
        lines += ["", f"  {sample.name}, a sample client", *_sample(sample)]
    if card.registered_application:
        lines += ["", *_application(card.registered_application)]
    if card.clients:
        lines += ["", "  A first token:", "", f"    {curl(card, card.clients[0])}"]
    lines += [
        "",
        "  Next:",
        *(f"    {line}" for line in _next(card, folder)),
        "",
        "  Ctrl-C stops the server.",
    ]
    click.echo("\n".join(lines))
    sys.stdout.flush()


def curl(card: Card, sample: Sample) -> str:
    """A command that prints a token."""
    authority = ["--cacert", _short(Path(card.ca_file))] if card.ca_file else []
    words = ["curl", "-sS", *authority, f"{card.base_url}/oauth/token"]
    facts = {
        "grant_type": "client_credentials",
        "client_id": sample.client_id,
        "client_secret": sample.client_secret,
        "audience": sample.audience,
    }
    return shlex.join(
        [*words, *(word for name, value in facts.items() for word in ("-d", f"{name}={value}"))]
    )


def _facts(card: Card, folder: Folder) -> Iterator[tuple[str, str]]:
    yield "Metadata", f"{card.base_url}/.well-known/openid-configuration"
    yield "Management", f"{card.base_url}/{MANAGEMENT_PATH}"
    yield "Mail", f"{card.base_url}/dev/mail (nothing is sent; it is kept here)"
    if card.portal:
        yield "Portal", f"{card.portal.url} (a page that calls an API)"
    if card.entra:
        yield "Entra", f"{card.entra.authority} (an authority; its applications are in {CARD})"
    if card.clients:
        yield "Tenant", "demo, the default tenant"
    yield "Folder", f"{_short(folder.path)} (all of this is in {CARD})"
    if card.ca_file:
        yield "Authority", f"{_short(Path(card.ca_file))} (let your client trust it)"


def _people(card: Card, application: WebApplication) -> Iterator[str]:
    yield click.style(f"  Sign in at {application.url} as", bold=True)
    for each in card.accounts:
        yield f"    {each.email:{WIDTH + 6}}{each.password}"


def _sample(sample: Sample) -> Iterator[str]:
    yield f"    client_id      {sample.client_id}"
    yield f"    client_secret  {sample.client_secret}"
    yield f"    audience       {sample.audience}"


def _application(application: SampleApplication) -> Iterator[str]:
    yield f"  {application.name}, a registered application"
    yield f"    id             {application.id}"
    yield f"    statement      software_statement in {CARD}"


def _next(card: Card, folder: Folder) -> Iterator[str]:
    here = "" if folder.path == DEFAULT else f" --data {shlex.quote(_short(folder.path))}"
    if card.clients:
        yield f"sekisho token{here}          a token for the management API"
        yield f"sekisho client list{here}    the clients of the tenant"
        yield f"sekisho doctor{here}         whether all is well"
    else:
        yield f"sekisho tenant create acme --default{here}    a first tenant"


def _short(path: Path) -> str:
    """As somebody in this folder would write it."""
    shorter = os.path.relpath(path)
    return str(path) if shorter.startswith("..") else shorter
