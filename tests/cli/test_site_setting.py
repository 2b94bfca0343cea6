"""sekisho site-setting, beside a running server."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.cli.command import Server, done, refused
from tests.cli.test_verbs import eventually
from tests.pfx import PASSWORD, packed

COMMAND = "site-setting"
KEY = "/_services/auth/publickey"
ENABLED, CERTIFICATE = "Connector/ImplicitGrantFlowEnabled", "CustomCertificates/ImplicitGrantflow"


def listed(here: Path, what: str = "list") -> dict[str, Any]:
    """What is there, by name or thumbprint."""
    found = json.loads(done(COMMAND, what, "--json", cwd=here))
    return {each.get("name") or each["thumbprint"]: each for each in found}


def test_a_setting_holds_at_once(dev: Server):
    """It is found in whatever case, the running server follows, and unset it has its default again."""
    here = dev.folder.parent

    def status() -> str:
        return str(httpx.get(dev.url + KEY).status_code)

    assert status() == "200"
    made = json.loads(done(COMMAND, "set", ENABLED, "false", "--json", cwd=here))
    assert made == {"name": ENABLED, "value": "false", "updated_at": made["updated_at"]}
    assert eventually(status, "404")
    assert listed(here)[ENABLED]["value"] == "false"
    again = json.loads(done(COMMAND, "set", ENABLED.upper(), "true", "--json", cwd=here))
    assert (again["name"], again["value"]) == (ENABLED, "true")
    assert eventually(status, "200")
    assert done(COMMAND, "unset", ENABLED.lower(), cwd=here).endswith("is unset.\n")
    assert ENABLED not in listed(here)
    assert "does not exist" in refused(COMMAND, "unset", ENABLED, cwd=here)


def test_answers_are_sent_to_pages_of_the_portal_only(dev: Server):
    """A redirect URI of another origin is refused when it is set, and nothing is kept of it."""
    here, name = dev.folder.parent, "ImplicitGrantFlow/elsewhere/RedirectUri"
    assert "is not the address of a page" in refused(COMMAND, "set", name, "https://evil.example/", cwd=here)
    assert name not in listed(here)


def test_a_certificate_is_brought_along(dev: Server):
    """It signs once a setting names it, cannot be thrown away then, and is gone afterwards."""
    here = dev.folder.parent
    raw = packed(rsa.generate_private_key(65_537, 2_048), at=time.time())
    (here / "portal.pfx").write_bytes(raw)
    (here / "password").write_text(PASSWORD + "\n")
    (here / "wrong").write_text("x\n")
    upload = (COMMAND, "upload-certificate", "portal.pfx", "--password-file")
    assert "cannot be used" in refused(*upload, "wrong", cwd=here)
    made = json.loads(done(*upload, "password", "--json", cwd=here))
    assert made["signs"] is False
    own, thumbprint = httpx.get(dev.url + KEY).text, made["thumbprint"]
    done(COMMAND, "set", CERTIFICATE, thumbprint, cwd=here)
    assert eventually(lambda: str(httpx.get(dev.url + KEY).text != own), "True")
    assert listed(here, "certificates")[thumbprint]["signs"] is True
    assert "signs with this certificate" in refused(COMMAND, "delete-certificate", thumbprint, cwd=here)
    done(COMMAND, "unset", CERTIFICATE, cwd=here)
    done(COMMAND, "delete-certificate", thumbprint, cwd=here)
    assert thumbprint not in listed(here, "certificates")
    assert eventually(lambda: str(httpx.get(dev.url + KEY).text == own), "True")
