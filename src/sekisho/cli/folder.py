"""The data folder of a development server: what is in it, and who may use it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from sekisho.settings import Settings

DEFAULT = Path(".sekisho")
ORIGIN = "http://localhost:8000"
DATABASE = "sekisho.db"
MASTER = "master.key"
AUTHORITY = ("ca.pem", "ca.key")
LEAF = ("server.pem", "server.key")
# What the middle one of the sample applications proves itself with, beside its secret.
MIDDLE = ("shop-api.pem", "shop-api.key")
CARD = "dev.json"
LOCK = "dev.lock"
SITES = "sites"
# What --reset takes away. The authority stays: trusting it anew is the user's work, not ours.
MADE = (
    *(DATABASE + ending for ending in ("", "-wal", "-shm", "-limits", "-limits-wal", "-limits-shm")),
    MASTER,
    *LEAF,
    *MIDDLE,
    CARD,
)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A client of the demo tenant with what is needed to try it."""

    name: str
    client_id: str
    client_secret: str
    audience: str
    scope: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the demo tenant, and the password that was made for them."""

    email: str
    password: str


class WebApplication(msgspec.Struct, frozen=True, kw_only=True):
    """The demo application: where it is, and what it asks for in the name of who signs in there."""

    name: str
    url: str
    client_id: str
    audience: str
    scope: str


class PortalPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page of the demo portal, and the client that its tokens are for."""

    url: str
    client_id: str


class SampleApplication(msgspec.Struct, frozen=True, kw_only=True):
    """A registered application of the demo tenant, and the statement that its installations register with."""

    name: str
    id: str
    software_statement: str


class EntraApplication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sample in Entra's words: how it proves itself, and the scope that others ask for."""

    name: str
    client_id: str
    client_secret: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    scope: str | None = None


class EntraTenant(msgspec.Struct, frozen=True, kw_only=True):
    """The demo tenant in Entra's words: what libraries call its authority, and its applications."""

    id: str
    authority: str
    applications: tuple[EntraApplication, ...]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """dev.json: what scripts need to know about a development server."""

    base_url: str
    ca_file: str | None = None
    accounts: tuple[Account, ...] = ()
    clients: tuple[Sample, ...] = ()
    web_application: WebApplication | None = None
    registered_application: SampleApplication | None = None
    portal: PortalPage | None = None
    entra: EntraTenant | None = None


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder at a path."""

    path: Path

    def prepare(self) -> None:
        """Ours alone; a folder that holds other things stays as it is."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {entry.name for entry in self.path.iterdir()}
        if names and not names & {*MADE, *AUTHORITY, LOCK}:
            raise click.UsageError(
                f"The folder {self.path} holds other things: choose an empty or a new one with --data"
            )
        self.path.chmod(0o700)

    def is_whole(self) -> None:
        """A database is of no use without the key that sealed its secrets."""
        if self.file(DATABASE).exists() and not self.file(MASTER).exists():
            raise click.UsageError(
                f"{self.path} has a {DATABASE} and no {MASTER}: put the key back, or start anew with --reset"
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """For one development server at a time: two would tell different addresses."""
        import fcntl

        with self.file(LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise click.UsageError(
                    f"Another `sekisho dev` uses the folder {self.path}: stop it, or choose another --data"
                ) from None
            yield

    def clear(self) -> None:
        """Delete what we made and nothing else."""
        for name in MADE:
            self.file(name).unlink(missing_ok=True)

    def file(self, name: str) -> Path:
        """The path of one of the files."""
        return self.path / name

    def card(self) -> Card:
        """What dev.json says; an empty card where there is none."""
        try:
            return msgspec.json.decode(self.file(CARD).read_bytes(), type=Card)
        except FileNotFoundError:
            return Card(base_url=ORIGIN)
        except msgspec.DecodeError as wrong:
            raise click.UsageError(
                f"{self.file(CARD)} is damaged ({wrong}): delete it, and `sekisho dev` writes it anew"
            ) from None

    def keep(self, card: Card) -> None:
        """Write dev.json, complete or not at all."""
        draft = self.file(f".{CARD}.{secrets.token_hex(8)}")
        target = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(target, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n")
        draft.replace(self.file(CARD))

    def settings(self, origin: str | None = None) -> Settings:
        """The process settings of a development server here."""
        return Settings(
            database_url=f"sqlite:///{self.file(DATABASE).resolve()}",
            master_key_file=str(self.file(MASTER)),
            public_url=origin or self.card().base_url,
            sites_folder=str(self.file(SITES).resolve()),
            log="warning",
            log_format="text",
            development=True,
        )
