"""A person with a browser: reads the pages that the server really shows, and fills in their forms."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pyotp

from sekisho.cli.folder import Folder
from sekisho.cli.work import OPERATOR
from sekisho.house import open_house
from sekisho.people import users
from sekisho.people.user_fields import UserFields
from tests.clients.place import Place

ADDRESS = "aya@example.com"
PASSWORD = "seven blue lanterns"
NAME = "Aya Example"
YES = ("sign-in", "allow", "confirm", "verify")
NO = ("sign-in", "deny", "cancel")
# Redirects and pages of one visit.
MOST = 12


@dataclass
class Form(HTMLParser):
    """The first form of a page that is posted: where to, its fields, its buttons by their ids.

    `secret` is what an app is linked with, `onward` where recovery codes are left behind.
    """

    action: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)
    is_open: bool = False
    secret: str = ""
    is_secret: bool = False
    onward: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.is_secret = told.get("id") == "secret"
        if told.get("id") == "saved":
            self.onward = told["href"]
        if tag == "form" and self.action is None and told.get("method") == "post":
            self.action, self.is_open = told.get("action", ""), True
        elif tag == "input" and self.is_open and "name" in told:
            self.fields[told["name"]] = told.get("value", "")
        elif tag == "button" and self.is_open and "id" in told:
            self.buttons[told["id"]] = {told["name"]: told["value"]} if "name" in told else {}

    def handle_data(self, data: str) -> None:
        if self.is_secret:
            self.secret += data

    def handle_endtag(self, tag: str) -> None:
        self.is_secret = False
        if tag == "form":
            self.is_open = False


@dataclass
class Person:
    """Somebody at this server, the pages that were filled in, the address opened last, what was sent away.

    `secret` is in their app, once a page linked it.
    """

    web: httpx.Client
    place: Place
    known: tuple[str, str] = (ADDRESS, PASSWORD)
    pages: list[str] = field(default_factory=list)
    asked: str = ""
    posted: dict[str, str] = field(default_factory=dict)
    secret: str = ""

    def visits(self, address: str, presses: tuple[str, ...] = YES) -> str:
        """Where a visit ends: at an address of somebody else, or at a page that asks for nothing."""
        self.asked = address
        answer = self.web.get(address)
        for _ in range(MOST):
            if answer.has_redirect_location:
                address = urljoin(str(answer.url), answer.headers["location"])
                if not address.startswith(self.place.issuer):
                    return address
                answer = self.web.get(address)
                continue
            form = seen(answer)
            if form.onward:
                answer = self.web.get(urljoin(str(answer.url), form.onward))
                continue
            if form.action is None:
                return str(answer.url)
            if (action := urljoin(str(answer.url), form.action)).startswith(self.place.issuer):
                answer = self._fills(form, answer.url, presses)
                continue
            # A page that sends itself away, as OAuth 2.0 Form Post Response Mode has it.
            self.posted = form.fields
            return action
        raise AssertionError(f"it never ends: {self.pages}")

    def brings(self, address: str, presses: tuple[str, ...] = YES) -> dict[str, str]:
        """What a visit brings to somebody else, in the address or in a form."""
        self.posted = {}
        back = self.visits(address, presses)
        return self.posted or dict(httpx.URL(back).params)

    def _fills(self, form: Form, here: httpx.URL, presses: tuple[str, ...]) -> httpx.Response:
        self.pages.append(here.path)
        (button,) = (button for button in presses if button in form.buttons)
        self.secret = form.secret or self.secret
        known = dict(zip(("username", "password", "code"), (*self.known, self._code()), strict=True))
        typed = {name: known.get(name, value) for name, value in form.fields.items()}
        headers = {"origin": self.place.url, "sec-fetch-site": "same-origin"}
        action = urljoin(str(here), form.action)
        return self.web.post(action, data=typed | form.buttons[button], headers=headers)

    def _code(self) -> str:
        return pyotp.TOTP(self.secret.replace(" ", "")).now() if self.secret else ""


def seen(answer: httpx.Response) -> Form:
    """The form of a page."""
    assert answer.status_code == 200, answer.text
    form = Form()
    form.feed(answer.text)
    return form


@contextmanager
def browsing(place: Place) -> Iterator[Person]:
    """A fresh browser, which nobody has signed in with."""
    trusting = ssl.create_default_context(cafile=place.authority)
    with httpx.Client(verify=trusting, timeout=10) as web:
        yield Person(web, place)


def settle(place: Place) -> None:
    """There is such a person at this server, made by the verb that everybody uses."""
    asyncio.run(_made(place))


async def _made(place: Place) -> None:
    house = await open_house(Folder(place.authority.parent).settings(place.url))
    try:
        tenant = house.directory.named("demo")
        assert tenant
        fields = UserFields(
            connection="Username-Password-Authentication",
            email=ADDRESS,
            email_verified=True,
            name=NAME,
            password=PASSWORD,
        )
        await users.create(tenant, fields, OPERATOR)
    finally:
        await house.close()
