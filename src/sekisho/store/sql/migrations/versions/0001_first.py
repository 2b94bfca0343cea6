"""The first schema."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# The order of texts is that of their code points, on both databases.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OWNERS = ("grant_id", "session", "user_id", "client_id")
NOUNS: Mapping[str, tuple[str, ...]] = {
    "tenant": (),
    "client": ("app_type", "is_first_party"),
    "api": (),
    "client_grant": ("client_id", "audience"),
    "signing_key": ("ring",),
    "connection": (),
    "account": ("connection",),
    "consent": ("user_id", "client_id"),
}


def upgrade() -> None:
    """From nothing."""
    artifacts()
    claims()
    revocations()
    for table, columns in NOUNS.items():
        noun(table, columns)
    finding()
    audit()
    configuration()
    if op.get_bind().dialect.name == "postgresql":
        limits()


def artifacts() -> None:
    """Short-lived things by the digest of their handle."""
    op.create_table(
        "artifact",
        sa.Column("handle", sa.LargeBinary, primary_key=True),
        required("kind", TEXT),
        required("id", TEXT),
        required("tenant", TEXT),
        *(sa.Column(column, TEXT) for column in OWNERS),
        required("born", sa.Double),
        required("expires_at", sa.Double),
        required("version", sa.BigInteger),
        sa.Column("spent_at", sa.Double),
        required("body", sa.LargeBinary),
    )
    op.create_index("artifact_id", "artifact", ["tenant", "kind", "id"], unique=True)
    op.create_index("artifact_expires_at", "artifact", ["expires_at"])
    for column in OWNERS:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"artifact_{column}",
            "artifact",
            ["tenant", column, "kind", "id"],
            postgresql_where=there,
            sqlite_where=there,
        )


def claims() -> None:
    """Keys that were claimed, by their digest."""
    op.create_table(
        "once",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        required("expires_at", sa.Double),
    )
    op.create_index("once_expires_at", "once", ["expires_at"])


def revocations() -> None:
    """What was ended, and up to which birth."""
    op.create_table(
        "tombstone",
        sa.Column("tenant", TEXT, primary_key=True),
        sa.Column("mark", TEXT, primary_key=True),
        required("at", sa.Double),
        required("expires_at", sa.Double),
    )
    op.create_index("tombstone_expires_at", "tombstone", ["expires_at"])


def noun(table: str, columns: tuple[str, ...]) -> None:
    """A remembered noun with its look-up columns."""
    op.create_table(
        table,
        sa.Column("tenant", TEXT, primary_key=True),
        sa.Column("id", TEXT, primary_key=True),
        required("version", sa.BigInteger),
        required("created_at", sa.Double),
        required("updated_at", sa.Double),
        required("doc", sa.Text),
        *(sa.Column(column, TEXT) for column in columns),
    )
    for column in columns:
        op.create_index(f"{table}_{column}", table, ["tenant", column, "id"])


def finding() -> None:
    """The names and tags of records."""
    for table, column in (("record_name", "name"), ("record_tag", "tag")):
        op.create_table(
            table,
            sa.Column("kind", TEXT, primary_key=True),
            sa.Column("tenant", TEXT, primary_key=True),
            sa.Column(column, TEXT, primary_key=True),
            sa.Column("id", TEXT, primary_key=column == "tag", nullable=False),
        )
        op.create_index(f"{table}_id", table, ["kind", "tenant", "id"])


def audit() -> None:
    """What happened; an event's id sorts by time."""
    op.create_table(
        "audit",
        sa.Column("tenant", TEXT, primary_key=True),
        sa.Column("id", TEXT, primary_key=True),
        required("at", sa.Double),
        required("slug", TEXT),
        sa.Column("client_id", TEXT),
        sa.Column("user_id", TEXT),
        required("body", sa.LargeBinary),
    )
    for column in ("slug", "client_id", "user_id"):
        op.create_index(f"audit_{column}", "audit", ["tenant", column, "id"])


def configuration() -> None:
    """Where configuration stands, and what moved it there."""
    version = op.create_table("config_version", required("version", sa.BigInteger))
    op.bulk_insert(version, [{"version": 0}])
    op.create_table(
        "config_change",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        required("kind", TEXT),
        required("tenant", TEXT),
        required("id", TEXT),
        required("at", sa.Double),
    )


def limits() -> None:
    """Rate limits, which may be forgotten; on SQLite they have a file of their own."""
    op.create_table(
        "bucket",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        required("tokens", sa.Double),
        required("at", sa.Double),
        required("full_at", sa.Double),
        prefixes=["UNLOGGED"],
    )
    op.create_index("bucket_full_at", "bucket", ["full_at"])


def required(name: str, kind: sa.types.TypeEngine[Any] | type[sa.types.TypeEngine[Any]]) -> sa.Column[Any]:
    """A column that is never null."""
    return sa.Column(name, kind, nullable=False)
