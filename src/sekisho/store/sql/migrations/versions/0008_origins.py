"""Pages that people come back to may call the server (CORS): their origins are tags of a client."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BATCH = 500
USUAL: Mapping[str, int] = {"http": 80, "https": 443}
READ = sa.text("""SELECT tenant, id, doc FROM client WHERE application = '' AND (tenant, id) > (:tenant, :id)
    ORDER BY tenant, id LIMIT :most""")
WRITE = sa.text("""INSERT INTO record_tag (kind, tenant, tag, id) VALUES ('client', :tenant, :tag, :id)
    ON CONFLICT DO NOTHING""")


def upgrade() -> None:
    """For the applications that are there; installations have no pages."""
    connection, place = op.get_bind(), {"tenant": "", "id": ""}
    while rows := connection.execute(READ, {**place, "most": BATCH}).all():
        told = [
            {"tenant": tenant, "id": id, "tag": origin}
            for tenant, id, doc in rows
            for origin in _origins(msgspec.json.decode(doc))
        ]
        if told:
            connection.execute(WRITE, told)
        place = {"tenant": rows[-1].tenant, "id": rows[-1].id}


def _origins(client: Mapping[str, Any]) -> Iterator[str]:
    """As this revision writes them."""
    for reply in client.get("reply_urls", ()):
        with suppress(ValueError):
            parts = urlsplit(reply["url"])
            host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
            if parts.scheme in USUAL and host and host.isascii():
                port = f":{parts.port}" if parts.port not in (None, USUAL[parts.scheme]) else ""
                yield f"{parts.scheme}://{host}{port}"
