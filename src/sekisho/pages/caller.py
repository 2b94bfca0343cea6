"""The application that sent a person here, as pages show it."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from sekisho.model.client import Client


@dataclass(frozen=True, slots=True)
class Caller:
    """A client in words and pictures: `logo` is an address of ours, links are such that may be clicked."""

    id: str
    name: str
    logo: str = ""
    policy: str = ""
    terms: str = ""
    # Where the person goes back to; empty where that is an application of the device.
    host: str = ""


def caller(client: Client, redirect_uri: str = "") -> Caller:
    """The client of a flow, or of a consent."""
    return Caller(
        id=client.client_id,
        name=client.name or client.client_id,
        logo=f"/logo/{quote(client.client_id, safe='')}" if _is_web(client.logo_uri) else "",
        policy=client.policy_uri if _is_web(client.policy_uri) else "",
        terms=client.tos_uri if _is_web(client.tos_uri) else "",
        host=_host(redirect_uri),
    )


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _host(redirect_uri: str) -> str:
    split = urlsplit(redirect_uri)
    return (split.hostname or "") if split.scheme in ("http", "https") else ""
