"""What is attacked: two tenants with APIs and clients, the same on a real server and on its double."""

from dataclasses import dataclass
from typing import Any

import httpx

from sekisho.spec.policy import Policy
from tests.servers import made

HOST = "id.example.com"
ORIGIN = f"https://{HOST}"
OTHER_HOST = "acme.example"
MANAGEMENT = f"{ORIGIN}/api/v2/"
METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
OTHER_MANAGEMENT = f"https://{OTHER_HOST}/api/v2/"

RS, ES, OPAQUE = "https://rs.example", "https://es.example", "https://opaque.example"
ALONE = "https://alone.example"  # nobody was granted anything here
SCOPES = [{"value": "read:things"}, {"value": "write:things"}]
# All attacks come from one address, and many of them name the same client or carry the same token.
CROWDED = Policy(
    management_rate=10_000,
    management_burst=1_000_000,
    token_client_rate=10_000,
    token_client_burst=1_000_000,
    token_address_rate=10_000,
    token_address_burst=1_000_000,
    password_memory_kib=7_168,
    password_passes=5,
    sign_in_address_burst=0,
)


@dataclass(frozen=True)
class Target:
    """Where it listens, who administers its tenants, who its clients are."""

    port: int
    admin: str
    other_admin: str
    clients: dict[str, dict[str, Any]]

    def web(self, host: str = HOST, **fields: Any) -> httpx.Client:
        """A stranger's client."""
        headers = {"host": host, **fields.pop("headers", {})}
        # There is no TLS here: without `verify` the client does not read every root certificate first.
        place: dict[str, Any] = {
            "base_url": f"http://127.0.0.1:{self.port}",
            "verify": False,
            "trust_env": False,
        }
        return httpx.Client(headers=headers, timeout=30, **place, **fields)

    def manage(self, token: str | None = None, host: str = HOST) -> httpx.Client:
        """A client with a management token: the administrator's unless told otherwise."""
        return self.web(host, headers={"authorization": f"Bearer {token or self.admin}"})

    def form(self, role: str, **more: Any) -> dict[str, Any]:
        """A client credentials request of one of the clients; what is None is left out."""
        client = self.clients[role]
        form = {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client.get("client_secret"),
            "audience": RS,
        }
        return {name: value for name, value in (form | more).items() if value is not None}

    def token(self, role: str, audience: str = RS, **more: Any) -> str:
        """An honest token."""
        with self.web() as web:
            answer = web.post("/oauth/token", data=self.form(role, audience=audience, **more))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def furnished(port: int, admin: str, other_admin: str) -> Target:
    """A server with nothing but two tenants gets its APIs, its clients and what they may do."""
    target = Target(port, admin, other_admin, {})
    with target.manage() as manage:
        for audience, more in (
            (RS, {"signing_alg": "RS256"}),
            (ES, {"signing_alg": "ES256", "token_dialect": "rfc9068_profile"}),
            (OPAQUE, {"token_dialect": "opaque"}),
            (ALONE, {}),
        ):
            made(manage, "resource-servers", name="Things", identifier=audience, scopes=SCOPES, **more)
        for role, fields in ROLES.items():
            target.clients[role] = made(manage, "clients", name=role.title(), **fields)
            for audience, scope in GRANTS[role].items():
                client_id = target.clients[role]["client_id"]
                made(manage, "client-grants", client_id=client_id, audience=audience, scope=scope)
        disabled = target.clients["disabled"]["client_id"]
        assert manage.patch(f"/api/v2/clients/{disabled}", json={"enabled": False}).status_code == 200
    with target.manage(other_admin, OTHER_HOST) as manage:
        made(manage, "resource-servers", name="Other things", identifier=RS, scopes=SCOPES)
        other = made(manage, "clients", name="Other", **MACHINE)
        target.clients["other"] = other
        for audience, scope in ((RS, ["write:things"]), (OTHER_MANAGEMENT, ["read:clients"])):
            made(manage, "client-grants", client_id=other["client_id"], audience=audience, scope=scope)
    return target


MACHINE = {"app_type": "non_interactive", "grant_types": ["client_credentials"]}
ROLES: dict[str, dict[str, Any]] = {
    "machine": {**MACHINE, "web_origins": ["https://app.example"]},
    "neighbour": MACHINE,
    "public": {**MACHINE, "app_type": "native", "token_endpoint_auth_method": "none"},
    "idle": {"app_type": "regular_web", "grant_types": ["authorization_code", "refresh_token"]},
    "disabled": MACHINE,
    "reader": MACHINE,
}
READS = {RS: ["read:things"]}
GRANTS: dict[str, dict[str, list[str]]] = {
    "machine": {audience: ["read:things"] for audience in (RS, ES, OPAQUE)},
    "neighbour": READS,
    "public": READS,
    "idle": READS,
    "disabled": READS,
    "reader": {MANAGEMENT: ["read:clients"]},
}
