"""Public keys are written as the documents say (RFC 7517, RFC 7638)."""

import json
from pathlib import Path

import pytest
from joserfc import jwk as joserfc_jwk

from sekisho.keys import jwk

VECTORS = json.loads((Path(__file__).parent.parent / "spec" / "vectors" / "jose.json").read_text())


def public_of(key):
    return joserfc_jwk.import_key(key).public_key


@pytest.mark.parametrize("vector", VECTORS["thumbprints"], ids=lambda vector: vector["where"])
def test_thumbprints_of_the_documents(vector):
    """A key is named by its thumbprint. RFC 7638 section 3.1, RFC 8037 appendix A.3."""
    assert jwk.thumbprint(public_of(vector["jwk"])) == vector["thumbprint"]


@pytest.mark.parametrize("vector", VECTORS["signed"], ids=lambda vector: vector["where"])
def test_members_of_the_documents(vector):
    """A key has the members of its example, and their order is that of a thumbprint. RFC 7515 appendix A."""
    members = jwk.members(public_of(vector["jwk"]))
    assert members == vector["jwk"]
    assert list(members) == sorted(members)


def test_coordinates_keep_their_width():
    """A coordinate with leading zeros keeps all its octets. RFC 7518 section 6.2.1.2."""
    for _ in range(300):
        members = jwk.members(joserfc_jwk.ECKey.generate_key("P-256").public_key)
        assert {len(members["x"]), len(members["y"])} == {43}
