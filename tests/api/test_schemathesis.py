"""The management API is what its description says, to a stranger who tries all of it (schemathesis)."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec
import pytest

from sekisho.api import document, schema
from sekisho.api.resources import OPERATIONS
from tests.api.roaming import TENANT, Roamer, Seen, described, roam
from tests.outside import free_port
from tests.servers import Installation

EXAMPLES = 12
FEW = 3
# An operation that is only ever refused is not tried at all.
LEAST = 3
LEAST_SHARE = 0.05

# What cannot be taken back, and why it harms nobody: the tenant is there for this alone.
DESTROYS: Mapping[str, str] = {
    "clients_delete": "a client made for it; our token is the command line's, whose name deletes nothing",
    "clients_rotate_secret": "a client made for it; nobody signs in with its secret",
    "credentials_delete": "a credential made for it, of a client made for it",
    "resource_servers_delete": "an API made for it; that of the system refuses",
    "client_grants_delete": "a grant made for it; our token comes from no grant",
    "signing_keys_rotate": "tokens under the previous key stay good",
    "signing_keys_revoke": "a retired key under none of our tokens, mostly; a fresh token where it was",
    "registered_applications_revoke": "an application made for it",
    "registered_applications_revoke_statement": "a statement made for it, of an application made for it",
    "installations_delete": "a client that registered for it",
    "installations_rotate_secret": "a client that registered for it",
    "installations_prune": "nobody was away for so long: it finds none",
    "users_delete": "a user made for it",
    "assignments_unassign": "a role made for it, of a user made for it",
    "assignments_forbid": "a permission made for it, of a user made for it",
    "roles_delete": "a role made for it",
    "roles_forbid": "a permission made for it, of a role made for it",
    "authentication_methods_delete": "a factor set up for it, of a user made for it",
    "authentication_methods_delete_all": "a factor set up for it, of a user made for it",
    "authentication_methods_delete_provider": "a factor set up for it, of a user made for it",
    "grants_delete": "nobody agreed to anything here",
    "grants_delete_all": "nobody agreed to anything here",
    "sessions_delete": "a session made for it",
    "sessions_revoke": "a session made for it",
    "sessions_delete_of_user": "a user made for it",
    "refresh_tokens_delete": "a refresh token made for it",
    "refresh_tokens_delete_of_user": "a user made for it",
    "applications_delete": "an application made for it",
    "federated_credentials_delete": "a credential made for it, of an application made for it",
    "saml_delete": "settings made for it, of an application made for it",
    "saml_rotate": "a certificate made for it, of an application made for it",
    "permission_grants_delete": "a grant made for it, between applications made for it",
    "role_assignments_delete": "an assignment made for it, to a user made for it",
    "claim_rules_delete": "a rule made for it, for tokens of nobody",
    "access_policies_delete": "a policy made for it, which is only watched",
    "trusted_issuers_delete": "an issuer made for it, which vouches for nobody",
    "site_settings_delete": "a setting made for it, which means nothing",
    "site_settings_throw_away": "a certificate made for it, which nothing signs with",
    "tenant_settings_change": "the rate that it may set is set back after each change",
}
LABELS = {f"{each.method} {each.path}": each for each in OPERATIONS}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """A server with a tenant of our own; where its management API is."""
    folder, port = tmp_path_factory.mktemp("roaming"), free_port()
    installation = Installation(folder, f"sqlite:///{folder}/sekisho.db", f"http://127.0.0.1:{port}")
    installation.prepare()
    installation.run("tenant", "create", TENANT)
    with installation.serving(port) as server:
        yield installation, f"{server.url}/t/{TENANT}/api/v2"


@pytest.fixture(scope="module")
def roamer(address: tuple[Installation, str]) -> Iterator[Roamer]:
    """Whoever goes there."""
    installation, url = address
    with httpx.Client(base_url=url) as web:
        yield Roamer(installation, web)


@pytest.fixture(scope="module")
def seen(roamer: Roamer) -> Seen:
    """Everything was tried."""
    return roam(roamer, described(roamer.web), EXAMPLES)


def test_everything_was_tried(seen):
    """No operation is left out, and none of them got schemathesis into trouble."""
    assert set(seen.answers) >= set(LABELS)
    assert seen.trouble == []


@pytest.mark.parametrize("label", [*LABELS, "GET /openapi.json", "GET /docs"])
def test_every_answer_is_described(seen, label):
    """No failure of the server, no status, type, header or body that is not described, no auth ignored."""
    assert not seen.wrong[label], "\n\n".join(seen.wrong[label][:3])


@pytest.mark.parametrize("label", LABELS)
def test_every_operation_did_what_it_is_for(seen, label):
    """No operation was only ever refused: neither the token nor the rate nor made-up ids stood in the way."""
    found = seen.answers[label]
    done = sum(count for status, count in found.items() if status < 300)
    assert done >= LEAST, found
    assert done / found.total() >= LEAST_SHARE, found
    assert not found[401] + found[403] + found[429], found


def test_what_destroys_is_named():
    """Each operation that cannot be taken back is in the list that says what makes it safe here."""
    destroys = {
        document.name(each)
        for each in OPERATIONS
        if each.method == "DELETE"
        or {"revoke", "rotate", "rotate-secret", "prune"} & set(each.path.split("/"))
    }
    assert {*destroys, "tenant_settings_change"} == set(DESTROYS)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/clients/", 404),
        ("GET", "/clients/x/nothing", 404),
        ("TRACE", "/clients", 405),
        ("PUT", "/clients/x", 405),
        ("GET", "/clients/%ff", 400),
        ("GET", "/clients/%00", 400),
        ("GET", "/clients?fields=%ff", 400),
        ("GET", "/clients?fields=" + "x" * 20_000, 413),
        ("GET", "/clients?" + "&x=" * 201, 413),
    ],
)
def test_who_is_lost_is_told_in_the_same_shape(roamer, method, path, status):
    """What is refused before an operation is found is worded as everything here is, whoever can read it."""
    answer = roamer.web.request(method, path, headers={"accept": "text/html"})
    assert answer.status_code == status
    told = msgspec.json.decode(answer.content, type=schema.Error)
    assert told.statusCode == status
    assert told.errorCode


def without_a_status(operation: dict[str, Any]) -> None:
    del operation["responses"]["200"]


def with_another_header(operation: dict[str, Any]) -> None:
    operation["responses"]["200"]["headers"]["X-Never"] = {"required": True, "schema": {"type": "string"}}


def with_another_body(operation: dict[str, Any]) -> None:
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "integer"}


def with_another_type(operation: dict[str, Any]) -> None:
    operation["responses"]["200"]["content"] = {"text/plain": {"schema": {"type": "string"}}}


def with_a_narrower_query(operation: dict[str, Any]) -> None:
    (fields,) = (each for each in operation["parameters"] if each["name"] == "fields")
    fields["schema"]["maxLength"] = 3


def behind_a_token(operation: dict[str, Any]) -> None:
    operation["security"] = [{"management": []}]


@pytest.mark.parametrize(
    ("name", "lie", "check"),
    [
        ("client_grants_get", without_a_status, "status_code_conformance"),
        ("client_grants_get", with_another_header, "response_headers_conformance"),
        ("client_grants_get", with_another_body, "response_schema_conformance"),
        ("client_grants_get", with_another_type, "content_type_conformance"),
        ("client_grants_get", with_a_narrower_query, "negative_data_rejection"),
        ("description_openapi", behind_a_token, "ignored_auth"),
    ],
)
def test_a_description_that_lies_is_found_out(roamer, name, lie, check):
    """What the description says wrongly, each check tells."""
    lying = described(roamer.web)
    rows = [row for methods in lying["paths"].values() for row in methods.values()]
    lie(next(row for row in rows if row["operationId"] == name))
    seen = roam(Roamer(roamer.installation, roamer.web), lying, FEW, name)
    assert any(text.startswith(f"{check}:") for texts in seen.wrong.values() for text in texts)
