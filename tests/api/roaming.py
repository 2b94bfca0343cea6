"""A stranger who knows the description of the management API only, and tries everything in it.

schemathesis makes the requests; ours are the things that they are about, and a token that is always good.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.generation.case import Case
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER, HookContext

from sekisho.api import samples
from sekisho.api.document import SCHEME
from tests.servers import Installation, claims_of

TENANT = "described"
# More calls than anybody makes here: the rate is not what is looked at.
UNHURRIED: Mapping[str, object] = {
    "management_rate": 1_000_000,
    "management_burst": 1_000_000,
    "adobe_pass": {"rate": 0, "registration_rate": 0, "device_info": "lenient"},
}
SCOPE = "read:orders"
# Nobody's tokens are signed like this here: ours are not.
ELLIPTIC = "ES256"
# Slashes in the address of a draft.
DRAFTS = 2
# One in so many keeps the ids that were made up.
MADE_UP = 4
CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance", "negative_data_rejection"),
    *("unsupported_method", "allow_header_conformance", "ignored_auth"),
)
PHASES = ("examples", "coverage", "fuzzing")
CONFIG: Mapping[str, Any] = {
    "seed": 1,
    "continue-on-failure": True,
    "generation": {"deterministic": True, "no-shrink": True, "database": "none"},
    "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
    "phases": {
        # Ids of answers differ from run to run: what is asked about is chosen here.
        **{name: {"extra-data-sources": {"responses": False}} for name in PHASES},
        "stateful": {"enabled": False},
    },
}


@dataclass
class Things:
    """What requests are about: each made for one of them."""

    web: httpx.Client
    elliptic: bool = False

    def made(self, path: str, **told: Any) -> dict[str, Any]:
        """Something new."""
        answer = self.web.post(path, json=told)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def client(self) -> str:
        """The id of a new client."""
        return str(self.made("clients", name="Roamed", app_type="non_interactive")["client_id"])

    def api(self) -> dict[str, Any]:
        """A new API."""
        name = f"https://roamed.example/{secrets.token_hex(8)}"
        return self.made("resource-servers", identifier=name, scopes=[{"value": SCOPE}])

    def grant(self) -> str:
        """The id of a new client grant."""
        told = {"client_id": self.client(), "audience": self.api()["identifier"], "scope": [SCOPE]}
        return str(self.made("client-grants", **told)["id"])

    def credential(self) -> dict[str, str]:
        """A new client and its credential."""
        client = self.client()
        credential = self.made(f"clients/{client}/credentials", **samples.CREDENTIAL)
        return {"id": client, "credential_id": str(credential["id"])}

    def previous_key(self) -> str:
        """The id of a key that signs no more, and that did not sign our token."""
        if not self.elliptic:
            self.made(
                "resource-servers", identifier=f"https://{secrets.token_hex(8)}.example", signing_alg=ELLIPTIC
            )
            self.elliptic = True
        self.made("keys/signing/rotate", alg=ELLIPTIC, force=True)
        keys = self.web.get("keys/signing").json()
        return str(next(key["kid"] for key in keys if key["previous"] and key["alg"] == ELLIPTIC))

    def log(self) -> str:
        """The id of something that happened."""
        return str(self.web.get("logs", params={"per_page": 1}).json()[0]["log_id"])

    def current_key(self) -> str:
        """The id of a key that signs."""
        return str(self.web.get("keys/signing").json()[0]["kid"])

    def application(self, path: str) -> str:
        """The id of a registered application: a draft where that is what somebody works on."""
        id = str(self.made("registered-applications", **samples.APPLICATION)["id"])
        if path.count("/") > DRAFTS and not path.endswith("/publish"):
            assert self.web.post(f"registered-applications/{id}/publish").status_code == 200
        return id

    def of_application(self, path: str) -> dict[str, str]:
        """A registered application, and what came of a software statement of it."""
        id = self.application(path)
        if "jti" not in path and "client_id" not in path:
            return {"id": id}
        text = self.web.get(f"registered-applications/{id}/software-statement").text
        if "jti" in path:
            return {"id": id, "jti": str(claims_of(text)["jti"])}
        place = str(self.web.base_url).replace("/api/v2/", "/o/client/register")
        answer = self.web.post(place, json={"software_statement": text})
        assert answer.status_code == 201, answer.text
        return {"id": id, "client_id": str(answer.json()["client_id"])}

    def about(self, path: str) -> dict[str, str]:
        """What the variables of a path stand for; what is not known here is never there."""
        kind = path.split("/")[1]
        if kind == "registered-applications":
            return self.of_application(path)
        if "credential_id" in path:
            return self.credential()
        if kind == "keys":
            return {"kid": self.previous_key() if path.endswith("/revoke") else self.current_key()}
        makes: Mapping[str, Callable[[], str]] = {
            "clients": self.client,
            "resource-servers": lambda: str(self.api()["id"]),
            "client-grants": self.grant,
            "logs": self.log,
        }
        return {"id": makes[kind]()} if kind in makes else {}


@dataclass
class Seen:
    """What was answered, by operation, and what was wrong with it."""

    answers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    trouble: list[str] = field(default_factory=list)

    def read(self, event: events.EngineEvent) -> None:
        """One thing that the engine tells."""
        if isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                for check in checks:
                    if told := check.failure_info:
                        text = (
                            f"{check.name}: {told.failure.title}\n{told.failure.message}\n{told.code_sample}"
                        )
                        self.wrong[event.recorder.label].append(text)
        elif isinstance(event, events.NonFatalError):
            self.trouble.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            self.trouble.append(str(event.exception))


@dataclass
class Roamer:
    """Stands between schemathesis and the server: real ids before a call, what it broke mended after."""

    installation: Installation
    web: httpx.Client
    token: str = ""
    seen: Seen = field(default_factory=Seen)

    def __post_init__(self) -> None:
        self.things = Things(self.web)
        self.renew()

    def renew(self) -> None:
        """A token that is good, and time for many calls."""
        self.token = self.installation.run("token", "--tenant", TENANT).strip()
        self.web.headers["authorization"] = f"Bearer {self.token}"
        self.unhurry()

    def unhurry(self) -> None:
        """The rate, back where it does not matter."""
        assert self.web.patch("tenants/settings", json=UNHURRIED).status_code == 200

    def before(self, context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
        """Most requests are about what is there."""
        row, sent = case.operation.label, self.seen.answers[case.operation.label]
        if case.path_parameters and not _is_wrong(case, ParameterLocation.PATH) and sent.total() % MADE_UP:
            case.path_parameters = {**case.path_parameters, **self.things.about(case.operation.path)}
        if isinstance(case.body, dict) and not _is_wrong(case, ParameterLocation.BODY):
            case.body = {**case.body, **self._named(row)}

    def _named(self, row: str) -> dict[str, str]:
        """What a body has to name, or has to name first."""
        if row == "POST /client-grants":
            return {"client_id": self.things.client(), "audience": str(self.things.api()["identifier"])}
        if row == "POST /resource-servers":
            return {"identifier": f"https://new.example/{secrets.token_hex(8)}"}
        return {}

    def after(self, context: HookContext, case: Case, response: Response) -> None:
        """Count; mend what keeps others from asking."""
        row = case.operation.label
        # Other methods are tried at the same address, and no token or a wrong one: these are no use of it.
        ours = response.request.headers.get("Authorization") == f"Bearer {self.token}"
        if ours and response.request.method == case.operation.method.upper():
            self.seen.answers[row][response.status_code] += 1
        if response.status_code == 200 and row == "PATCH /tenants/settings":
            self.unhurry()
        # A made-up id may be that of the key under our own token.
        revoked = response.status_code == 200 and row == "PUT /keys/signing/{kid}/revoke"
        if revoked and self.web.get("stats/active-users").status_code == 401:
            self.renew()


def _is_wrong(case: Case, place: ParameterLocation) -> bool:
    """Whether this part of the request is meant to be refused."""
    part = case.meta.components.get(place) if case.meta else None
    return part is not None and part.mode.is_negative


def bearing(roamer: Roamer) -> type:
    """How schemathesis gets a token, and knows what to leave out when it tries without."""

    class Bearing:
        def get(self, case: Case, context: schemathesis.AuthContext) -> str:
            return roamer.token

        def set(self, case: Case, data: str, context: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    return Bearing


@contextmanager
def hooked(roamer: Roamer) -> Iterator[None]:
    """The hooks are in force."""

    def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
        roamer.before(context, case, kwargs)

    def after_call(context: HookContext, case: Case, response: Response) -> None:
        roamer.after(context, case, response)

    hooks = (schemathesis.hook(before_call), schemathesis.hook(after_call))
    try:
        yield
    finally:
        for hook in hooks:
            GLOBAL_HOOK_DISPATCHER.unregister(hook)


def config(address: str, most: int) -> SchemathesisConfig:
    """How schemathesis works, at an address, with so many examples of its own invention."""
    generation = {**CONFIG["generation"], "max-examples": most}
    return SchemathesisConfig.from_dict({**CONFIG, "base-url": address, "generation": generation})


def described(web: httpx.Client) -> dict[str, Any]:
    """The description as the server has it; of a bearer token schemathesis knows how to leave it out."""
    found: dict[str, Any] = web.get("openapi.json").json()
    assert found["components"]["securitySchemes"][SCHEME]["type"] == "oauth2"
    found["components"]["securitySchemes"][SCHEME] = {"type": "http", "scheme": "bearer"}
    return found


def roam(roamer: Roamer, told: Mapping[str, Any], most: int, *names: str) -> Seen:
    """Everything that a description offers, or these operations of it."""
    address = str(roamer.web.base_url).rstrip("/")
    schema = schemathesis.openapi.from_dict(dict(told), config=config(address, most))
    chosen = schema.include(operation_id=list(names)) if names else schema
    chosen.auth(refresh_interval=None)(bearing(roamer))
    with hooked(roamer):
        for event in from_schema(chosen).execute():
            roamer.seen.read(event)
    return roamer.seen
