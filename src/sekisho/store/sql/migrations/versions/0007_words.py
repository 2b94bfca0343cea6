"""What applications are searched by."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BATCH = 500
READ = sa.text("""SELECT tenant, id, doc FROM client WHERE application = '' AND (tenant, id) > (:tenant, :id)
    ORDER BY tenant, id LIMIT :most""")
WRITE = sa.text("UPDATE client SET words = :words WHERE tenant = :tenant AND id = :id")


def upgrade() -> None:
    """A column, filled for the applications that are there; installations are not searched."""
    op.add_column("client", sa.Column("words", TEXT, server_default=""))
    connection, place = op.get_bind(), {"tenant": "", "id": ""}
    while rows := connection.execute(READ, {**place, "most": BATCH}).all():
        told = [
            {"tenant": tenant, "id": id, "words": _words(msgspec.json.decode(doc))}
            for tenant, id, doc in rows
        ]
        connection.execute(WRITE, told)
        place = {"tenant": rows[-1].tenant, "id": rows[-1].id}


def _words(client: Mapping[str, Any]) -> str:
    """As this revision writes them."""
    words = (client["name"], client["client_id"], *(each["url"] for each in client.get("reply_urls", ())))
    return unicodedata.normalize("NFKC", "\n".join(words)).casefold().replace("\0", "")
