"""Exit status 0 while the server of this container answers /healthz, over TLS or not."""

import http.client
import os
import ssl
import sys
from collections.abc import Iterator

PATIENCE = 2.0
EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104 - what to listen on, read and not bound


def ways() -> Iterator[http.client.HTTPConnection]:
    """In clear text, then with TLS, whose certificate names the public address and not this one."""
    host, _, port = os.environ.get("SEKISHO_LISTEN", "127.0.0.1:8000").rpartition(":")
    place = "127.0.0.1" if host in EVERYWHERE else host.strip("[]")
    yield http.client.HTTPConnection(place, int(port), timeout=PATIENCE)
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    yield http.client.HTTPSConnection(place, int(port), timeout=PATIENCE, context=unverified)


def is_healthy(way: http.client.HTTPConnection) -> bool:
    """One question, one answer."""
    try:
        way.request("GET", "/healthz")
        return way.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        way.close()


if __name__ == "__main__":
    sys.exit(not any(is_healthy(way) for way in ways()))
