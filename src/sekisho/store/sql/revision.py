"""Which schema this program works with, known without the migration tool."""

HEAD = "0011"
OLDER: tuple[str, ...] = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
)  # revisions that `sekisho migrate` can bring to HEAD
OLDEST_UPGRADABLE = "0001"  # in one go; anything older needs an older release first
REVISION = "SELECT version_num FROM alembic_version"


class SchemaMismatch(Exception):
    """The database does not have the schema of this program."""


class SchemaOutdated(SchemaMismatch):
    """The database is empty or of an earlier release."""

    def __init__(self, found: str | None) -> None:
        state = "has no schema yet" if found is None else f"has the schema of revision {found}, before {HEAD}"
        super().__init__(f"the database {state}: run `sekisho migrate`")


class SchemaNewer(SchemaMismatch):
    """The database was migrated by a later release."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"the database has the schema of revision {found}, which this program does not know: "
            "it was migrated by a later release; run that release"
        )


class SchemaTooOld(SchemaMismatch):
    """The database skipped releases."""

    def __init__(self, found: str, oldest: str) -> None:
        super().__init__(
            f"the database has the schema of revision {found}, and this program upgrades from {oldest} on: "
            "migrate with an earlier release first"
        )
