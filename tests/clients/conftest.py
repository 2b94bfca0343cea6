"""One server over TLS for this folder, its clients, and whoever asks for what it may not have."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from tests.clients.auth0_pages import Site, pages, visiting
from tests.clients.entra import Firm, firm_at
from tests.clients.person import Person, browsing, settle
from tests.clients.place import ALGS, AUDIENCE, METHODS, NOWHERE, Machine, Place, Trouble, serving, signed_by
from tests.clients.script import ENTRA, Scripts, scripts
from tests.pages.chromium import chromium


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The server."""
    with serving(tmp_path_factory.mktemp("clients")) as found:
        yield found


@pytest.fixture(scope="session")
def machines(place: Place) -> Mapping[str, Machine]:
    """A client per method."""
    return {method: place.machine(method) for method in METHODS}


@pytest.fixture(scope="session")
def apis(place: Place, machines: Mapping[str, Machine]) -> Mapping[str, Machine]:
    """The same clients, each of them also the API that its tokens are for."""
    return {
        method: place.changed(machine, resource_server_identifier=AUDIENCE)
        for method, machine in machines.items()
    }


@pytest.fixture(scope="session")
def poster(place: Place) -> Machine:
    """A client with a secret, and nothing special about it."""
    return place.machine("client_secret_post")


@pytest.fixture(scope="session")
def signers(place: Place) -> Machine:
    """A client that may have tokens of every algorithm."""
    machine = place.machine("client_secret_basic")
    for alg in ALGS:
        place.api(signed_by(alg), signing_alg=alg, token_dialect="rfc9068_profile")
        place.allow(machine, signed_by(alg))
    return machine


@pytest.fixture(scope="session")
def disabled(place: Place) -> Machine:
    """A client that was told to do nothing any more."""
    return place.changed(place.machine("client_secret_post"), enabled=False)


@pytest.fixture(params=["wrong secret", "unknown audience", "disabled client"])
def trouble(request: pytest.FixtureRequest, poster: Machine) -> Trouble:
    """Each way of asking for what one may not have."""
    if request.param == "wrong secret":
        return Trouble(replace(poster, secret="wrong" * 8), AUDIENCE, "invalid_client")
    if request.param == "unknown audience":
        return Trouble(poster, NOWHERE, "invalid_target")
    return Trouble(request.getfixturevalue("disabled"), AUDIENCE, "invalid_client")


@pytest.fixture(scope="session")
def apps(place: Place) -> Mapping[str, Machine]:
    """An application per method, and one that has nothing to prove itself with."""
    return {method: place.app(method) for method in (*METHODS, "none")}


@pytest.fixture(scope="session")
def settled(place: Place) -> None:
    """Somebody has an account at this server."""
    settle(place)


@pytest.fixture
def person(place: Place, settled: None) -> Iterator[Person]:
    """Somebody with a fresh browser."""
    with browsing(place) as found:
        yield found


@pytest.fixture(scope="session")
def node(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """The scripts for Node, with their libraries."""
    return scripts(tmp_path_factory.mktemp("node"), place)


@pytest.fixture(scope="session")
def firm(place: Place, settled: None, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """The server's tenant in Entra's words, with applications that call one another."""
    return firm_at(place, tmp_path_factory.mktemp("firm"))


@pytest.fixture(scope="session")
def entra_node(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """The scripts for Node, with Microsoft's libraries."""
    return scripts(tmp_path_factory.mktemp("entra_node"), place, ENTRA)


@pytest.fixture(scope="session")
def shown(firm: Firm) -> str:
    """The token that the shop is called with, by the person's own sign-in."""
    with browsing(firm.place) as found:
        return firm.token(found)


@pytest.fixture(scope="session")
def square(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server that people with browsers sign in to: others look at the figures of the first one."""
    with serving(tmp_path_factory.mktemp("square")) as found:
        settle(found)
        yield found


@pytest.fixture(scope="module")
def site(square: Place) -> Iterator[Site]:
    """An application's own site, for SDKs in browsers."""
    with pages(square) as found:
        yield found


# No longer than a module: while it is open, its loop is in the way of asynchronous tests.
@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """A browser, while it runs."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of somebody who has not signed in."""
    with visiting(browser) as found:
        yield found


@pytest.fixture
def trusting(place: Place, monkeypatch: pytest.MonkeyPatch):
    """Whatever asks through requests trusts our authority; the variable outranks what a session says."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(place.authority))
