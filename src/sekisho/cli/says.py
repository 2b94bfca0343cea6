"""How the command line words what went wrong: one line, or nothing where it is our own fault."""

import click

from sekisho.keys.master import WeakMaster
from sekisho.keys.rotation import KeyRefused
from sekisho.keys.seal import CannotOpen
from sekisho.settings import SettingsError
from sekisho.spec.refusal import Refused

DRIVERS = ("sqlite3", "asyncpg", "sqlalchemy")


def said(wrong: Exception) -> str | None:
    """The line for somebody who can mend it; None for a mistake of ours, which deserves its traceback."""
    if isinstance(wrong, click.exceptions.NoArgsIsHelpError):
        return wrong.format_message()
    text = text_of(wrong)
    return None if text is None else "sekisho: " + " ".join(text.split())


def text_of(wrong: Exception) -> str | None:
    """The same without a name in front."""
    if isinstance(wrong, click.ClickException):
        return wrong.format_message()
    if isinstance(wrong, Refused):
        return f"{wrong.text} ({wrong.debug})" if wrong.debug else wrong.text
    if isinstance(wrong, SettingsError | WeakMaster | KeyRefused | CannotOpen):
        return str(wrong)
    if isinstance(wrong, OSError):
        return f"{wrong.filename}: {wrong.strerror}" if wrong.filename else str(wrong)
    return _of_database(wrong)


def _of_database(wrong: Exception) -> str | None:
    # Whatever a driver says at start is about the address or the file that it was given.
    from sekisho.store.sql.revision import SchemaMismatch

    if isinstance(wrong, SchemaMismatch):
        return str(wrong)
    if type(wrong).__module__.partition(".")[0] in DRIVERS:
        return f"The database refuses: {str(wrong).partition(chr(10))[0]}"
    return None
