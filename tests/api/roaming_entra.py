"""The same stranger among applications in Entra's words: what they are about, and what bodies name."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from sekisho.api import samples
from sekisho.model.connection import DATABASE

SCOPE = "Orders.Read"
KEYS = "federatedIdentityCredentials"
# Addresses, certificates and permissions of an application keep rules that no schema tells.
SOUND: Mapping[str, Any] = {
    **dict.fromkeys(("api", "web", "spa", "publicClient", "info", "optionalClaims", "tokenEncryptionKeyId")),
    **{name: [] for name in ("identifierUris", "appRoles", "keyCredentials", "requiredResourceAccess")},
}


@dataclass
class Exposed:
    """Applications, what proves them, and what they are given: each made for one request."""

    web: httpx.Client
    made_last: dict[str, str] = field(default_factory=dict)

    def about(self, path: str) -> dict[str, str]:
        """What the variables of a path stand for; empty for what is elsewhere."""
        kind = path.split("/")[1]
        if kind == "applications":
            return self._of_application(path)
        makes: Mapping[str, Callable[[], str]] = {
            "oauth2PermissionGrants": self.permission_grant,
            "appRoleAssignments": self.role_assignment,
        }
        return {"id": makes[kind]()} if kind in makes else {}

    def named(self, row: str) -> dict[str, Any]:
        """What a body has to name, or has to name first."""
        key = {"keyId": self.made_last.get("key", str(uuid.uuid4()))}
        named: Mapping[str, Callable[[], dict[str, Any]]] = {
            "POST /applications": lambda: {**SOUND, "appId": str(uuid.uuid4()), "displayName": "Roamed"},
            # What it exposes is enabled: it could not go.
            "PATCH /applications/{id}": lambda: {**SOUND, "api": {}, "displayName": "Roamed"},
            "POST /applications/{id}/addPassword": lambda: {"passwordCredential": None},
            "POST /applications/{id}/removePassword": lambda: key,
            "POST /applications/{id}/addKey": lambda: dict(samples.KEY),
            "POST /applications/{id}/removeKey": lambda: key,
            f"POST /applications/{{id}}/{KEYS}": self._trust,
            "POST /oauth2PermissionGrants": self._permission_grant,
            "PATCH /oauth2PermissionGrants/{id}": lambda: {"scope": SCOPE},
            "POST /appRoleAssignments": self._role_assignment,
        }
        return named[row]() if row in named else {}

    def application(self) -> dict[str, Any]:
        """A new application that exposes something."""
        return self._made("applications", samples.ENTRA)

    def permission_grant(self) -> str:
        """The id of a new permission grant."""
        return str(self._made("oauth2PermissionGrants", self._permission_grant())["id"])

    def role_assignment(self) -> str:
        """The id of a new assignment."""
        return str(self._made("appRoleAssignments", self._role_assignment())["id"])

    def _of_application(self, path: str) -> dict[str, str]:
        id = str(self.application()["id"])
        if "/saml" in path:
            said = {**samples.SAML, "entityId": f"https://{secrets.token_hex(8)}.example/saml"}
            assert self.web.put(f"applications/{id}/saml", json=said).status_code == 200
        if "credential_id" in path:
            return {
                "id": id,
                "credential_id": str(self._made(f"applications/{id}/{KEYS}", self._trust())["id"]),
            }
        adds: Mapping[str, tuple[str, Mapping[str, object]]] = {
            "removePassword": ("addPassword", {}),
            "removeKey": ("addKey", samples.KEY),
        }
        last = path.rpartition("/")[2]
        if last in adds:
            add, told = adds[last]
            self.made_last["key"] = str(self._made(f"applications/{id}/{add}", told)["keyId"])
        return {"id": id}

    def _trust(self) -> dict[str, Any]:
        return {**samples.FEDERATED, "name": f"ci-{secrets.token_hex(8)}", "subject": secrets.token_hex(8)}

    def _permission_grant(self) -> dict[str, Any]:
        names = [str(self.application()["appId"]) for _ in range(2)]
        told = {"clientId": names[0], "resourceId": names[1], "scope": SCOPE}
        return {**told, "consentType": "AllPrincipals", "principalId": None}

    def _role_assignment(self) -> dict[str, Any]:
        email = f"{secrets.token_hex(8)}@roamed.example"
        user = self._made("users", {"connection": DATABASE, "email": email})
        told = {"principalType": "User", "resourceId": str(self.application()["appId"]), "appRoleId": None}
        return {**told, "principalId": str(user["user_id"])}

    def _made(self, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.web.post(path, json=dict(told))
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found
