"""What a deployment's settings, files and clock look like from here."""

import os
import resource
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from cryptography import x509

from sekisho.cli.doctor.finding import Finding
from sekisho.cli.production import SPARE_FILES, tls_is_sound
from sekisho.keys.master import Master, is_private
from sekisho.settings import Settings

LOOPBACK = ("localhost", "127.0.0.1", "::1", "")
RENEW = timedelta(days=21)
ENCRYPTED = ("sslmode=require", "sslmode=verify-ca", "sslmode=verify-full")


def settings_are_safe(settings: Settings) -> Iterator[Finding]:
    """What the settings promise to whoever uses the server."""
    public = urlsplit(settings.public_url)
    is_here = public.hostname in LOOPBACK
    if public.scheme == "https" or is_here:
        yield Finding("ok", "public_url", settings.public_url)
    else:
        yield Finding(
            "bad", "public_url", f"{settings.public_url} is not encrypted", "Use https (RFC 9700 section 2.6)"
        )
    if public.scheme == "https" and not settings.tls_cert and not settings.trusted_proxies:
        yield Finding(
            "warn",
            "trusted_proxies",
            "Neither TLS nor a proxy is set: every caller has the proxy's address",
            "List the proxy in trusted_proxies, or set tls_cert and tls_key",
        )
    yield from _database(settings)


def _database(settings: Settings) -> Iterator[Finding]:
    url = urlsplit(settings.database_url)
    if url.scheme == "sqlite":
        if settings.workers > 1:
            yield Finding("note", "workers", "SQLite has one writer, whatever the number of workers")
        return
    if (url.hostname or "") not in LOOPBACK and not any(mode in url.query for mode in ENCRYPTED):
        yield Finding(
            "warn",
            "database_url",
            "The connection to PostgreSQL may be in clear text",
            "Add ?sslmode=verify-full",
        )


def master_key_is_sound(settings: Settings) -> Finding:
    """The file is private and its keys are strong; WeakMaster says otherwise."""
    keys = Master.read(settings.master_key_file).keys
    more = f", {len(keys) - 1} older" if len(keys) > 1 else ""
    return Finding("ok", "master key", f"{settings.master_key_file}: one current key{more}")


def tls_is_good(settings: Settings, now: float) -> Iterator[Finding]:
    """Certificate and key fit, are private, name the public address and last for a while."""
    if not settings.tls_cert:
        return
    try:
        tls_is_sound(settings)
        leaf = x509.load_pem_x509_certificates(Path(settings.tls_cert).read_bytes())[0]
    except (click.UsageError, ValueError) as wrong:
        yield Finding("bad", "tls_cert", str(wrong), "Name a PEM certificate and its key")
        return
    left = leaf.not_valid_after_utc - datetime.fromtimestamp(now, UTC)
    until = f"{leaf.not_valid_after_utc:%Y-%m-%d}"
    if left < timedelta():
        yield Finding("bad", "tls_cert", f"The certificate expired on {until}", "Renew it")
    elif left < RENEW:
        yield Finding("warn", "tls_cert", f"The certificate expires on {until}", "Renew it")
    else:
        yield Finding("ok", "tls_cert", f"Good until {until}")
    status = Path(settings.tls_key).stat()
    if not is_private(status.st_mode, status.st_uid, os.geteuid()):
        yield Finding("warn", "tls_key", "Other users can read the key", f"chmod 600 {settings.tls_key}")


def files_are_enough(settings: Settings) -> Iterator[Finding]:
    """Each connection is a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < settings.most_connections + SPARE_FILES:
        yield Finding(
            "warn",
            "open files",
            f"The limit is {hard}, for {settings.most_connections} connections",
            "Raise the limit of open files, or lower most_connections",
        )


def clock_is_right(now: float, newest: float, patience: float = 5.0) -> Finding:
    """Nothing that the database remembers lies in the future of this machine."""
    ahead = newest - now
    if ahead > patience:
        text = f"This machine is at least {ahead:.0f} s behind what the database has seen"
        return Finding("bad", "clock", text, "Synchronise the clocks of all machines")
    return Finding("ok", "clock", "Not behind what the database has seen")
