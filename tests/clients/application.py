"""An application made with a library for Node: a script asks, a person answers, a script goes on."""

from dataclasses import dataclass, replace
from typing import Any

import httpx

from tests.clients.person import YES, Person
from tests.clients.place import CALLBACK, GOODBYE, Machine
from tests.clients.script import Scripts

SCOPES = "openid profile email offline_access"


@dataclass(frozen=True, slots=True)
class Begun:
    """A request, what the library wants to see again, and where the person's visit ended."""

    told: dict[str, Any]
    checks: dict[str, str]
    callback: str

    def altered(self, **more: str) -> "Begun":
        """Somebody changed the answer, or brought it to another request."""
        checks = {name: more.get(name, value) for name, value in self.checks.items() if name != "state"}
        said = {name: value for name, value in more.items() if name in ("iss", "state", "code")}
        callback = str(httpx.URL(self.callback).copy_merge_params(said))
        return replace(self, checks={**self.checks, **checks}, callback=callback)


@dataclass(frozen=True, slots=True)
class Application:
    """What it is made with, and who it is."""

    node: Scripts
    library: str
    machine: Machine
    path: str = ""

    @property
    def issuer(self) -> str:
        """Where it looks for the server: each address of a tenant is an issuer."""
        return f"{self.node.place.issuer}{self.path}"

    def begins(
        self, person: Person, presses: tuple[str, ...] = YES, *, pushed: bool = False, **more: str
    ) -> Begun:
        """The library's request, brought by the person, who presses these buttons."""
        told = {**self.machine.told(), "issuer": self.issuer, "asked": _asked(more), "pushed": pushed}
        found = self.node.run(self.library, story="begin", **told)
        return Begun(told, found["checks"], person.visits(found["url"], presses))

    def ends(self, begun: Begun) -> dict[str, Any]:
        """What the library makes of the answer."""
        found: dict[str, Any] = self.node.run(self.library, **_answered(begun))
        return found

    def lives(self, begun: Begun) -> dict[str, Any]:
        """The same, and what it does with its tokens until it has no more of them."""
        told = {**_answered(begun), "story": "whole", "goodbye": GOODBYE}
        found: dict[str, Any] = self.node.run(self.library, **told)
        return found

    def is_refused(self, **more: str) -> dict[str, Any]:
        """How the library complains when it pushes a request."""
        told = {**self.machine.told(), "asked": _asked(more), "pushed": True}
        return self.node.complaint(self.library, story="begin", **told)

    def complains(self, begun: Begun) -> dict[str, Any]:
        """How the library complains of the answer."""
        return self.node.complaint(self.library, **_answered(begun))

    def lost(self, signed_in: dict[str, Any]) -> dict[str, Any]:
        """How the library complains of tokens that are not good any more."""
        told = {"story": "live", "signed_in": signed_in, "goodbye": GOODBYE, **self.machine.told()}
        return self.node.complaint(self.library, **told)


def _asked(more: dict[str, str]) -> dict[str, str]:
    return {"redirect_uri": CALLBACK, "scope": SCOPES, "max_age": "600", **more}


def _answered(begun: Begun) -> dict[str, Any]:
    return {**begun.told, "story": "finish", "checks": begun.checks, "callback": begun.callback}
