"""Process settings: a frozen tree from a TOML file and the environment; what is not known is refused."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_type_hints

import msgspec

from sekisho.spec.address import collector_is_sound, listen_is_sound, origin_is_sound
from sekisho.spec.mail.line import address_is_plain
from sekisho.spec.mail.server import server_of

PREFIX = "SEKISHO_"
FOR_TESTS = "SEKISHO_TEST_"
FILE = "sekisho.toml"
MOST_FILE_BYTES = 1024 * 1024

# Variables of the command line's options: they are no settings, and no misspelt ones either.
# fmt: off
OPTIONS = frozenset(PREFIX + name for name in (
    "ALG", "AUDIENCE", "CALLBACK", "CHANNEL", "CLAIM", "CONFIG", "CUSTOM_SCHEME", "DATA", "DEFAULT",
    "DESCRIPTION", "DOMAIN", "ENABLED", "EXPRESSION", "FORCE", "GRANT_TYPE", "HOST", "HTTPS", "INTO",
    "JSON", "NAME", "NO_DEMO", "OWNER", "PASSWORD_FILE", "PLATFORM", "PORT", "PREVIOUS_EXPIRES_IN",
    "RELEASE", "RESET", "RING", "SCOPE", "STATEMENT", "TENANT", "TYPE", "UNUSED_FOR", "YES",
))
# fmt: on


class SettingsError(Exception):
    """One clear line on what is wrong and what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a process needs to know before it can start. `development` is said by `sekisho dev` alone."""

    database_url: str
    master_key_file: str
    public_url: str
    listen: str = "127.0.0.1:8000"
    metrics_listen: str = ""
    traces_endpoint: str = ""
    traces_ratio: float = 1.0
    workers: int = 1
    tls_cert: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()
    fetch_allow_private: bool = False
    fetch_ca_file: str = ""
    sites_folder: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    most_connections: int = 10_000
    most_requests: int = 1_000
    backlog: int = 2_048
    keep_alive_seconds: int = 65
    drain_seconds: int = 20
    log: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"
    development: bool = False

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on."""
        return int(self.listen.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Rule:
    """What a setting has to be, in words and as a test; `is_secret` values are never repeated."""

    expects: str
    holds: Callable[[Any], bool]
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A value as somebody wrote it, and where."""

    key: str
    value: object
    origin: str

    @property
    def name(self) -> str:
        """How the place itself calls it: a variable already says its name."""
        return self.origin if self.is_variable else f"{self.key} in {self.origin}"

    @property
    def is_variable(self) -> bool:
        """It came from the environment, where everything is text."""
        return self.origin.startswith(PREFIX)


def _between(least: int, most: int) -> Rule:
    return Rule(f"a whole number from {least} to {most}", lambda value: least <= value <= most)


def _is_database(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        return rest.startswith("/") and len(rest) > 1
    return scheme in ("postgresql", "postgres") and bool(rest.strip("/")) and url.isprintable()


def _is_origin(url: str) -> bool:
    # A Host header never names the port that everybody assumes, so neither may we.
    scheme, _, host = url.partition("://")
    return origin_is_sound(url) and not host.endswith({"http": ":80", "https": ":443"}[scheme])


def _are_networks(texts: tuple[str, ...]) -> bool:
    import ipaddress  # noqa: PLC0415 - only a deployment behind a proxy needs it

    try:
        return all(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError:
        return False


RULES: Mapping[str, Rule] = {
    "database_url": Rule("postgresql://user@host/database or sqlite:///file", _is_database, is_secret=True),
    "master_key_file": Rule("the path of a file", bool),
    "public_url": Rule(
        "scheme and host in lower case, perhaps another port, no path, as in https://id.example.com",
        _is_origin,
    ),
    "listen": Rule("address:port, as in 127.0.0.1:8000 or [::1]:8000", listen_is_sound),
    "metrics_listen": Rule(
        "address:port, as in 127.0.0.1:9464", lambda listen: not listen or listen_is_sound(listen)
    ),
    "traces_endpoint": Rule(
        "the whole address of an OTLP/HTTP collector without a password, as in http://127.0.0.1:4318/v1/traces",
        lambda url: not url or collector_is_sound(url),
        is_secret=True,
    ),
    "traces_ratio": Rule("a number from 0 to 1", lambda ratio: 0 <= ratio <= 1),
    "workers": _between(1, 256),
    "trusted_proxies": Rule("addresses or networks, as in 10.0.0.0/8", _are_networks),
    "fetch_allow_private": Rule("true or false", lambda value: isinstance(value, bool)),
    "fetch_ca_file": Rule("the path of a file, or nothing", lambda value: isinstance(value, str)),
    "sites_folder": Rule("the path of a folder, or nothing", lambda value: isinstance(value, str)),
    "smtp_url": Rule(
        "smtps://user:password@host or smtp://user:password@host with STARTTLS, perhaps another port; "
        "smtp://host?starttls=never for a relay that wants no password",
        lambda url: not url or server_of(url) is not None,
        is_secret=True,
    ),
    "mail_from": Rule(
        "an address without a name, as in no-reply@example.com",
        lambda address: not address or (address.isascii() and address_is_plain(address)),
    ),
    "most_connections": _between(1, 1_000_000),
    "most_requests": _between(1, 1_000_000),
    "backlog": _between(1, 65_535),
    "keep_alive_seconds": _between(1, 3_600),
    "drain_seconds": _between(0, 3_600),
    "log": Rule("debug, info, warning or error", bool),
    "log_format": Rule("json or text", bool),
}
TYPES: Mapping[str, Any] = {
    key: kind for key, kind in get_type_hints(Settings).items() if key != "development"
}
NEEDED = ("database_url", "master_key_file", "public_url")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """A file (else SEKISHO_CONFIG, else ./sekisho.toml where it exists); the environment wins over it."""
    values: dict[str, object] = {}
    for given in (*_of_file(path, environ), *_of_environment(environ)):
        values[given.key] = _value(given)
    _agree(values)
    return Settings(**values)  # type: ignore[arg-type]  # each value was checked against its field


def _of_file(path: Path | None, environ: Mapping[str, str]) -> Iterator[Given]:
    named = path or (Path(environ["SEKISHO_CONFIG"]) if environ.get("SEKISHO_CONFIG") else None)
    file = named or Path(FILE)
    if named is None and not file.exists():
        return
    try:
        with file.open("rb") as source:
            document = tomllib.loads(source.read(MOST_FILE_BYTES).decode())
    except OSError as wrong:
        raise SettingsError(f"The settings file {file} cannot be read: {wrong.strerror}") from None
    except ValueError as wrong:  # not UTF-8, or not TOML
        raise SettingsError(f"The settings file {file} is not TOML: {wrong}") from None
    yield from (Given(key, value, str(file)) for key, value in document.items())


def _of_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    for name, text in environ.items():
        if name.startswith(PREFIX) and not name.startswith(FOR_TESTS) and name not in OPTIONS:
            key = name.removeprefix(PREFIX).lower()
            many = TYPES.get(key) == tuple[str, ...]
            yield Given(
                key, [part.strip() for part in text.split(",") if part.strip()] if many else text, name
            )


def _value(given: Given) -> object:
    if given.key not in TYPES:
        raise SettingsError(f"Unknown setting {given.name}{_meant(given)}")
    rule = RULES.get(given.key)
    try:
        value = msgspec.convert(given.value, TYPES[given.key], strict=not given.is_variable)
        sound = rule is None or rule.holds(value)
    except ValueError:  # msgspec's own is one
        value, sound = None, False
    if not sound:
        expects = rule.expects if rule else "a text"
        shown = "" if rule and rule.is_secret else f", not {given.value!r:.80}"
        raise SettingsError(f"{given.name} has to be {expects}{shown}")
    return cast("object", value)


def _meant(given: Given) -> str:
    import difflib  # noqa: PLC0415 - only a mistake needs it

    variables = (*(PREFIX + key.upper() for key in TYPES), *sorted(OPTIONS))
    known = variables if given.is_variable else tuple(TYPES)
    near = difflib.get_close_matches(given.origin if given.is_variable else given.key, known, n=1, cutoff=0.7)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(TYPES)}"


def _agree(values: Mapping[str, object]) -> None:
    """What is needed is there, and nothing contradicts."""
    for key in NEEDED:
        if key not in values:
            where = f"put it into {FILE} or set {PREFIX}{key.upper()}"
            raise SettingsError(f"The setting {key} is missing: {where}; it has to be {RULES[key].expects}")
    has_cert, has_key = bool(values.get("tls_cert")), bool(values.get("tls_key"))
    if has_cert != has_key:
        there, absent = ("tls_cert", "tls_key") if has_cert else ("tls_key", "tls_cert")
        raise SettingsError(f"{there} is set and {absent} is not: TLS needs both")
    if bool(values.get("smtp_url")) != bool(values.get("mail_from")):
        raise SettingsError("Mail needs both smtp_url and mail_from: one is set and the other is not")
    if has_cert and not str(values["public_url"]).startswith("https:"):
        raise SettingsError("public_url begins with http:// although tls_cert is set: make it https://")
