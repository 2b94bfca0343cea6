"""sekisho token: a bearer token on stdout and nothing else."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import httpx
import pytest

from tests.cli.command import Server, done, refused


def claims(token: str) -> Any:
    """What a token says."""
    return json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))


def get(dev: Server, path: str, token: str) -> httpx.Response:
    """An address of the management API."""
    return httpx.get(f"{dev.url}/api/v2{path}", headers={"authorization": f"Bearer {token.strip()}"})


def test_opens_the_management_api(dev: Server):
    """The token has every scope, and the API of the running server takes it."""
    token = done("token", cwd=dev.folder.parent)
    assert token.count("\n") == 1
    assert claims(token)["iss"] == f"{dev.url}/"
    assert claims(token)["aud"] == f"{dev.url}/api/v2/"
    assert claims(token)["sub"] == "sekisho-cli@clients"
    answer = get(dev, "/clients", token)
    assert answer.status_code == 200
    assert {"Demo machine", "Demo management"} <= {each["name"] for each in answer.json()}


def test_narrows_to_the_scopes_that_are_asked_for(dev: Server):
    """--scope is all that the token can do."""
    token = done("token", "--scope", "read:clients", "--data", str(dev.folder), cwd=dev.folder)
    assert claims(token)["scope"] == "read:clients"
    assert get(dev, "/clients", token).status_code == 200
    assert get(dev, "/resource-servers", token).status_code == 403


def test_is_for_another_api_if_asked(dev: Server):
    """--audience names any API of the tenant."""
    token = done("token", "--audience", "https://api.example.com", cwd=dev.folder.parent)
    assert claims(token)["aud"] == "https://api.example.com"
    assert claims(token)["scope"] == "read:things write:things"
    assert get(dev, "/clients", token).status_code == 401


def test_takes_options_from_the_environment(dev: Server):
    """Every option is a variable too."""
    variables = {"SEKISHO_DATA": str(dev.folder), "SEKISHO_SCOPE": "read:clients"}
    assert claims(done("token", cwd=dev.folder, variables=variables))["scope"] == "read:clients"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--scope", "read:clients fly:moon"], "has no scope fly:moon; it has: "),
        (["--audience", "https://none.example.com"], "has no API https://none.example.com"),
        (["--tenant", "nobody"], "There is no tenant nobody; there are: demo"),
    ],
)
def test_says_what_it_cannot_issue(dev: Server, words: list[str], said: str):
    """What is not there is named, with what is."""
    assert said in refused("token", *words, cwd=dev.folder.parent)


def test_names_a_tenant_that_is_not_the_default_by_its_path(dev: Server):
    """Another tenant's issuer is its path on the shared address; its token opens that tenant alone."""
    done("tenant", "create", "second", cwd=dev.folder.parent)
    token = done("token", "--tenant", "second", cwd=dev.folder.parent)
    assert claims(token)["iss"] == f"{dev.url}/t/second/"
    header = {"authorization": f"Bearer {token.strip()}"}
    assert httpx.get(f"{dev.url}/t/second/api/v2/clients", headers=header).status_code == 200
    assert get(dev, "/clients", token).status_code == 401


def test_names_a_tenant_with_a_domain_by_that(dev: Server):
    """The issuer of a tenant with a domain of its own is that domain."""
    done("tenant", "create", "third", "--domain", "id.third.example", cwd=dev.folder.parent)
    token = done("token", "--tenant", "third", cwd=dev.folder.parent)
    assert claims(token)["iss"] == "http://id.third.example/"
