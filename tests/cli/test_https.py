"""sekisho dev --https: a certificate authority of one's own, which vouches for loopback only."""

import ssl
import stat
from pathlib import Path

import httpx
import pytest

from tests.cli.command import done, running


def test_serves_tls_that_the_authority_vouches_for(tmp_path: Path):
    """A client that trusts ca.pem reaches every loopback name; one that does not trusts nothing."""
    with running("dev", "--port", "{port}", "--https", cwd=tmp_path) as server:
        card = server.card()
        authority = Path(card["ca_file"])
        assert authority == (server.folder / "ca.pem").resolve()
        trusting = ssl.create_default_context(cafile=str(authority))
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT
        for host in ("localhost", "127.0.0.1"):
            answer = httpx.get(f"https://{host}:{server.port}/readyz", verify=trusting)
            assert answer.status_code == 200
        metadata = httpx.get(f"{card['base_url']}/.well-known/openid-configuration", verify=trusting)
        assert metadata.json()["issuer"] == f"https://localhost:{server.port}/"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"https://localhost:{server.port}/readyz")
        assert stat.S_IMODE((server.folder / "ca.key").stat().st_mode) == 0o600
        bearer = done("token", cwd=tmp_path).strip()
        clients = httpx.get(
            f"{card['base_url']}/api/v2/clients",
            verify=trusting,
            headers={"authorization": f"Bearer {bearer}"},
        )
        assert clients.status_code == 200
        made = authority.read_bytes()
        printed, _ = server.stop()
    assert "ca.pem" in printed
    with running("dev", "--port", "{port}", "--https", "--reset", cwd=tmp_path):
        assert authority.read_bytes() == made
