"""What an application is told when it is installed; here it is in the folder of `sekisho dev --https`."""

import json
import os
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else ".sekisho")
_CARD = json.loads((FOLDER / "dev.json").read_text("utf-8"))
_APPLICATIONS = {each["name"]: each for each in _CARD["entra"]["applications"]}

AUTHORITY = _CARD["entra"]["authority"]
GRAPH = _CARD["base_url"]
# Only a server for development has an authority of its own. Who asks through requests, and so MSAL, heeds the
# first variable before anything that it is told; Python itself heeds the second one.
os.environ |= dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), _CARD["ca_file"])
# This machine has one certificate, which is good for all its ports.
CERTIFICATE, KEY = FOLDER / "server.pem", FOLDER / "server.key"

SHOP_API = _APPLICATIONS["Shop API"]["client_id"]
SHOP_API_SECRET = _APPLICATIONS["Shop API"]["client_secret"]
ORDERS_API = _APPLICATIONS["Orders API"]["client_id"]
