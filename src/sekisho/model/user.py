"""A person."""

from collections.abc import Mapping

from sekisho.model.record import Record
from sekisho.model.role import Permission


class User(Record, frozen=True, kw_only=True):
    """A person: `id` is the GUID (`oid`), `user_id` the wire name with its connection's prefix.

    `logins` are canonical (spec/login.py); `claims` are the standard ones, by their names, as they were said.
    """

    user_id: str
    connection: str
    username: str = ""
    logins: tuple[str, ...] = ()
    blocked: bool = False
    # Set and taken away in the unit that does so with the factor itself (model/password.py).
    has_second_factor: bool = False
    claims: Mapping[str, object] = {}
    user_metadata: Mapping[str, object] = {}
    app_metadata: Mapping[str, object] = {}
    roles: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()

    @property
    def email(self) -> str:
        """The address, as it was said; empty where there is none."""
        return str(self.claims.get("email", ""))

    @property
    def locale(self) -> str:
        """The language of this person's pages and mails; empty where it was not said."""
        return str(self.claims.get("locale", ""))

    @property
    def whole(self) -> dict[str, object]:
        """What Auth0's older profile says: claims, both metadata, and where the person comes from."""
        provider, _, id = self.user_id.partition("|")
        source = {"provider": provider, "user_id": id, "connection": self.connection, "isSocial": False}
        own = {"user_metadata": self.user_metadata, "app_metadata": self.app_metadata}
        return {**self.standard, **own, "identities": [source], "user_id": self.user_id}

    @property
    def standard(self) -> dict[str, object]:
        """All claims but `sub`; what was not said follows. OpenID Connect Core 1.0 section 5.1."""
        local = self.email.partition("@")[0]
        own = {"name": self.email or self.username, "nickname": local or self.username}
        if self.username:
            own["preferred_username"] = self.username
        return {**own, **self.claims, "updated_at": int(self.updated_at)}
