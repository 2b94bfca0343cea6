"""A stranger who knows the description of the management API only, and tries everything in it.

schemathesis makes the requests; ours are the things that they are about, and a token that is always good.
"""

import asyncio
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
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
from sekisho.house import open_house
from sekisho.model.connection import DATABASE
from sekisho.people import users
from sekisho.settings import load
from tests.api.roaming_entra import Exposed
from tests.pfx import posted
from tests.second_factors import enrolled
from tests.servers import Installation, claims_of

TENANT = "described"
# More calls than anybody makes here: the rate is not what is looked at.
UNHURRIED: Mapping[str, object] = {
    "management_rate": 1_000_000,
    "management_burst": 1_000_000,
    "adobe_pass": {"rate": 0, "registration_rate": 0, "device_info": "lenient"},
    "token_client_rate": 0,
    "token_address_rate": 0,
    "sign_in_address_burst": 0,
    # What people need to sign in, as it was.
    **dict.fromkeys(
        (
            *("default_audience", "flags", "pushed_authorization_requests_supported", "password_shortest"),
            *("session_lifetime", "idle_session_lifetime", "refresh_lifetime", "refresh_idle_lifetime"),
        )
    ),
}
SCOPE = "read:orders"
CALLBACK = "https://guest.example/cb"
PASSWORD = "seven blue lanterns"
# Nobody's tokens are signed like this here: ours are not.
ELLIPTIC = "ES256"
# Slashes in the address of a draft.
DRAFTS = 2
# Operations about what a user has besides a password.
FACTORS = re.compile("authentication-methods|multifactor|recovery-code")
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
class Guest:
    """Somebody who signs in, as often as something is needed that comes of it."""

    web: httpx.Client
    user: str = ""
    email: str = ""
    cookie: str = ""
    client: dict[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The address of the tenant."""
        return str(self.web.base_url).removesuffix("/api/v2/")

    def session(self) -> str:
        """The id of a new session, whose cookie is the one to use from now on."""
        if not self.user or self.web.get(f"users/{self.user}").status_code != HTTPStatus.OK:
            self.email = f"{secrets.token_hex(8)}@roamed.example"
            told = {"connection": DATABASE, "email": self.email, "password": PASSWORD}
            self.user = str(self.web.post("users", json=told).json()["user_id"]).replace("|", "%7C")
        before = {each["id"] for each in self._sessions()}
        address = f"{self.root}/login"
        page = httpx.get(address)
        (csrf,) = re.findall(r'name="csrf" value="([^"]+)"', page.text)
        headers = {"cookie": _cookies(page), "origin": "/".join(self.root.split("/")[:3])}
        form = {"csrf": csrf, "username": self.email, "password": PASSWORD}
        answer = httpx.post(address, data=form, headers=headers)
        assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
        self.cookie = _cookies(answer)
        (new,) = {each["id"] for each in self._sessions()} - before
        return str(new)

    def refresh_token(self) -> str:
        """The id of a new refresh token."""
        if not self.client:
            told = {"name": "Guest", "callbacks": [CALLBACK]}
            self.client = self.web.post("clients", json=told).json()
        asked = {"client_id": self.client["client_id"], "response_type": "code", "redirect_uri": CALLBACK}
        asked |= {"scope": "openid offline_access"}
        headers = {"cookie": self.cookie}
        answer = httpx.get(f"{self.root}/authorize", params=asked, headers=headers)
        if not answer.headers.get("location", "").startswith(CALLBACK):
            self.session()
            return self.refresh_token()
        before = {each["id"] for each in self._tokens()}
        form = {name: self.client[name] for name in ("client_id", "client_secret")}
        form |= {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
        form |= {"code": httpx.URL(answer.headers["location"]).params["code"]}
        assert httpx.post(f"{self.root}/oauth/token", data=form).status_code == HTTPStatus.OK
        (new,) = {each["id"] for each in self._tokens()} - before
        return str(new)

    def _sessions(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.web.get(f"users/{self.user}/sessions?take=100").json()["sessions"]
        return found

    def _tokens(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.web.get(f"users/{self.user}/refresh-tokens?take=100").json()[
            "tokens"
        ]
        return found


def _cookies(answer: httpx.Response) -> str:
    """What a browser would send back: that these are for TLS only is not what is looked at here."""
    told = answer.headers.get_list("set-cookie")
    return "; ".join(each.partition(";")[0] for each in told)


@dataclass
class Things:
    """What requests are about: each made for one of them."""

    web: httpx.Client
    installation: Installation
    elliptic: bool = False
    kept: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.guest = Guest(self.web)
        self.exposed = Exposed(self.web)

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

    def user(self) -> str:
        """The id of a new user, who has no password: hashing takes its time."""
        email = f"{secrets.token_hex(8)}@roamed.example"
        return str(self.made("users", connection=DATABASE, email=email)["user_id"])

    def cautious(self, path: str) -> dict[str, str]:
        """A new user who has a second factor, and what that goes by."""
        id = self.user()
        asyncio.run(self._linked(id))
        told = self.web.get(f"users/{id.replace('|', '%7C')}/authentication-methods").json()
        app = next(each["id"] for each in told if each["type"] == "totp")
        more = {"authentication_method_id": str(app), "provider": "google-authenticator"}
        return {"id": id, **{name: value for name, value in more.items() if f"{{{name}}}" in path}}

    async def _linked(self, user: str) -> None:
        """By what the pages call: no operation lets an administrator have somebody else's second factor."""
        house = await open_house(load(None, self.installation.environment()))
        try:
            tenant = house.directory.named(TENANT)
            assert tenant
            await enrolled(tenant, await users.find(tenant, user))
        finally:
            await house.close()

    def role(self) -> str:
        """The id of a new role."""
        answer = self.web.post("roles", json={"name": secrets.token_hex(8)})
        return str(answer.json()["id"])

    def permission(self) -> dict[str, str]:
        """A permission that can be given."""
        return {"permission_name": SCOPE, "resource_server_identifier": str(self.api()["identifier"])}

    def setting(self) -> str:
        """The name of a new site setting."""
        name = f"Roaming.{secrets.token_hex(8)}"
        self.web.put(f"site-settings/{name}", json={"value": "x"})
        return name

    def access_policy(self) -> str:
        """The id of a new policy that is only watched; those before it go, as there are only so many."""
        for each in self.web.get("conditional-access-policies").json():
            self.web.delete(f"conditional-access-policies/{each['id']}")
        said = {**samples.ACCESS_POLICY, "conditions": {"users": {"includeUsers": ["All"]}}}
        return str(self.made("conditional-access-policies", **said)["id"])

    def guess(self) -> dict[str, str]:
        """Somebody who might ask for something."""
        return {"userId": self.user(), "clientId": self.client(), "api": str(self.api()["identifier"])}

    def claim_rule(self) -> str:
        """The id of a new claim rule; those before it go, as there are only so many."""
        for each in self.web.get("claim-rules").json()[1:]:
            self.web.delete(f"claim-rules/{each['id']}")
        return str(self.made("claim-rules", **{**samples.CLAIM_RULE, **self.sayable()})["id"])

    def sayable(self) -> dict[str, str]:
        """What no rule says yet."""
        claim = f"https://roamed.example/{secrets.token_hex(8)}"
        return {"claim": claim, "expression": str(samples.CLAIM_RULE["expression"])}

    def trusted_issuer(self) -> str:
        """The id of a new trusted issuer; those before it go, as there are only so many."""
        for each in self.web.get("trusted-issuers").json()[1:]:
            self.web.delete(f"trusted-issuers/{each['id']}")
        return str(self.made("trusted-issuers", **self.somebody())["id"])

    def somebody(self) -> dict[str, str]:
        """An issuer whom nobody trusts yet."""
        return {"issuer": f"https://{secrets.token_hex(8)}.roamed.example/"}

    def certificate(self) -> str:
        """The thumbprint of a new certificate."""
        return str(self.web.post("certificates", json=posted()).json()["thumbprint"])

    def lasting(self, line: str, make: Callable[[], str]) -> str:
        """One that is there: a new one where the last is gone."""
        if line not in self.kept or self.web.get(f"{line}/{self.kept[line]}").status_code != HTTPStatus.OK:
            self.kept[line] = make()
        return self.kept[line]

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
            "users": self.user,
            "roles": self.role,
            "claim-rules": self.claim_rule,
            "trusted-issuers": self.trusted_issuer,
            "conditional-access-policies": self.access_policy,
            "sessions": lambda: self.lasting("sessions", self.guest.session),
            "refresh-tokens": lambda: self.lasting("refresh-tokens", self.guest.refresh_token),
        }
        if kind == "site-settings":
            return {"name": self.setting()}
        if kind == "certificates":
            return {"thumbprint": self.certificate()}
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
        self.things = Things(self.web, self.installation)
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
        if (
            case.path_parameters
            and not _is_wrong(case, ParameterLocation.PATH)
            and (sent.total() + 1) % MADE_UP
        ):
            case.path_parameters = {**case.path_parameters, **self._about(case.operation.path)}
        if isinstance(case.body, dict) and not _is_wrong(case, ParameterLocation.BODY):
            case.body = {**case.body, **self._named(row)}

    def _about(self, path: str) -> dict[str, str]:
        if FACTORS.search(path):
            return self.things.cautious(path)
        return self.things.exposed.about(path) or self.things.about(path)

    def _named(self, row: str) -> dict[str, Any]:
        """What a body has to name, or has to name first."""
        things, new = self.things, secrets.token_hex(8)

        def given() -> dict[str, Any]:
            return {"roles": [things.role()]}

        named: Mapping[str, Callable[[], dict[str, Any]]] = {
            "POST /client-grants": lambda: {
                "client_id": things.client(),
                "audience": str(things.api()["identifier"]),
            },
            "POST /resource-servers": lambda: {"identifier": f"https://new.example/{new}"},
            "POST /users": lambda: {"connection": DATABASE, "email": f"{new}@new.example"},
            "POST /roles": lambda: {"name": new},
            "POST /certificates": posted,
            "POST /claim-rules": things.sayable,
            "PATCH /claim-rules/{id}": things.sayable,
            "POST /trusted-issuers": things.somebody,
            "POST /conditional-access-policies/simulate": things.guess,
            "PATCH /conditional-access-policies/{id}": lambda: dict(samples.ACCESS_POLICY),
            "POST /users/{id}/roles": given,
            "DELETE /users/{id}/roles": given,
            "POST /roles/{id}/users": lambda: {"users": [things.user()]},
        }
        if row.endswith("/permissions"):
            return {"permissions": [things.permission()]}
        return named[row]() if row in named else things.exposed.named(row)

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


# What frames a message is refused, or hung up on, before it is a request.
FRAMING = frozenset(
    ("connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade")
)


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
        for name in [each for each in case.headers or () if each.lower() in FRAMING]:
            del case.headers[name]
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
