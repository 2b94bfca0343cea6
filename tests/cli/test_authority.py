"""The local certificate authority: made once, limited to loopback, its leaf renewed in time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from sekisho.cli.dev import authority
from sekisho.cli.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty data folder."""
    return Folder(tmp_path)


def certificates(folder: Folder) -> tuple[x509.Certificate, x509.Certificate]:
    """The authority's and the leaf."""
    known = x509.load_pem_x509_certificate(folder.file("ca.pem").read_bytes())
    return known, x509.load_pem_x509_certificates(folder.file("server.pem").read_bytes())[0]


def test_makes_a_chain_that_holds(folder: Folder):
    """The leaf verifies for localhost under the authority alone. RFC 5280 section 6."""
    authority.prepare(folder)
    known, leaf = certificates(folder)
    verifier = PolicyBuilder().store(Store([known])).build_server_verifier(x509.DNSName("localhost"))
    assert verifier.verify(leaf, []) == [leaf, known]


def test_the_authority_vouches_for_loopback_only(folder: Folder):
    """Name constraints keep a stolen key from vouching for anything else. RFC 5280 section 4.2.1.10."""
    authority.prepare(folder)
    constraints = certificates(folder)[0].extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert {str(name.value) for name in constraints.value.permitted_subtrees or ()} == {
        "localhost",
        "127.0.0.0/8",
        "::1/128",
    }


def test_a_second_start_keeps_both(folder: Folder):
    """What is good is kept."""
    authority.prepare(folder)
    before = certificates(folder)
    authority.prepare(folder)
    assert certificates(folder) == before


def test_renews_the_leaf_before_it_expires(folder: Folder, monkeypatch: pytest.MonkeyPatch):
    """A leaf that is about to expire is made anew, under the same authority."""
    monkeypatch.setattr(authority, "LEAF_DAYS", authority.RENEW_DAYS - 1)
    authority.prepare(folder)
    known, old = certificates(folder)
    monkeypatch.undo()
    authority.prepare(folder)
    assert certificates(folder)[0] == known
    assert certificates(folder)[1].not_valid_after_utc > datetime.now(UTC) + timedelta(days=300)
    assert certificates(folder)[1] != old


def test_makes_a_leaf_whose_key_was_lost_anew(folder: Folder):
    """A leaf without its key serves nobody."""
    authority.prepare(folder)
    old = certificates(folder)[1]
    folder.file("server.key").unlink()
    authority.prepare(folder)
    assert certificates(folder)[1] != old
