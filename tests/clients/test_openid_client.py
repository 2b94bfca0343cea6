"""openid-client 6 for Node, as it comes."""

from collections.abc import Mapping

import pytest

from tests.clients.place import AUDIENCE, METHODS, Machine, Place, Trouble
from tests.clients.script import Scripts

NAME = "openid-client"
BY_HEADER = "client_secret_basic"


@pytest.mark.parametrize("algorithm", ["oidc", "oauth2"])
@pytest.mark.parametrize("path", ["", "t/demo/"])
def test_discovery(node: Scripts, place: Place, poster: Machine, algorithm: str, path: str):
    """The metadata of every address of a tenant is where the issuer leads. RFC 8414 section 3.1."""
    issuer = f"{place.issuer}{path}"
    found = node.run(NAME, story="discovery", algorithm=algorithm, **poster.told() | {"issuer": issuer})
    assert found["issuer"] == issuer
    assert found["token_endpoint"] == f"{issuer}oauth/token"


@pytest.mark.parametrize("method", METHODS)
def test_a_token(node: Scripts, machines: Mapping[str, Machine], method: str):
    """With each method a client gets a token. RFC 6749 section 4.4, RFC 7523 section 2.2."""
    found = node.run(NAME, story="token", audience=AUDIENCE, **machines[method].told())
    assert found["token_type"] == "bearer"
    assert found["scope"] == "read:things"
    assert found["expires_in"] == 86_400


@pytest.mark.parametrize("method", METHODS)
def test_a_token_lives_and_ends(node: Scripts, apis: Mapping[str, Machine], method: str):
    """With each method a token is looked into, revoked, and at once not active. RFC 7009, RFC 7662."""
    found = node.run(NAME, story="life", audience=AUDIENCE, **apis[method].told())
    assert found["living"]["active"] is True
    assert found["living"]["client_id"] == apis[method].client_id
    assert found["ended"] == {"active": False}


def test_signed_introspection(node: Scripts, apis: Mapping[str, Machine]):
    """What a token means is also said in a JWT, whose signature the library checks. RFC 9701 section 5."""
    told = apis["client_secret_post"].told()
    found = node.run(NAME, story="life", signed=True, audience=AUDIENCE, **told)
    assert found["living"]["active"] is True
    assert found["ended"] == {"active": False}


def test_complains_with_our_error_code(node: Scripts, trouble: Trouble):
    """A refusal in the body is the library's own error, with our code. RFC 6749 section 5.2."""
    said = node.complaint(NAME, story="token", audience=trouble.audience, **trouble.machine.told())
    assert said["name"] == "ResponseBodyError"
    assert said["error"] == trouble.error
    assert said["text"]


def test_complains_of_a_challenge(node: Scripts, trouble: Trouble):
    """Who came with the header is challenged, and the code is in the body too. RFC 6749 section 5.2."""
    told = trouble.machine.told() | {"method": BY_HEADER}
    said = node.complaint(NAME, story="token", audience=trouble.audience, **told)
    if trouble.error == "invalid_client":
        assert said["name"] == "WWWAuthenticateChallengeError"
        assert (said["status"], said["challenges"]) == (401, ["basic"])
        assert said["body"]["error"] == "invalid_client"
    else:
        assert (said["name"], said["error"]) == ("ResponseBodyError", trouble.error)
