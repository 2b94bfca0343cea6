"""What a policy of conditional access says: when it holds, and what it demands then."""

from typing import Literal

import msgspec

# Everybody, everything, everywhere.
ALL = "All"
State = Literal["enabled", "disabled", "enabledForReportingButNotEnforced"]


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """Those that are meant, and those that are not; `All` means each of them, none means nobody is named."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, *names: str) -> bool:
        """One of the names of a thing is meant, and none of them left out."""
        is_left_out = not set(names).isdisjoint(self.exclude)
        return not is_left_out and (ALL in self.include or not set(names).isdisjoint(self.include))


EVERYTHING = Which(include=(ALL,))


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """When all conditions hold, its demands have to be met; `block` lets nobody in.

    `apis` and `clients` name first identifiers and client ids, `users` GUIDs, `groups` those of roles,
    `networks` addresses in CIDR notation. `contexts` makes it one for authentication contexts: it holds only
    where one of them is asked for. `context` asks for one; `max_age` for a sign-in not older (seconds).
    """

    state: State = "enabled"
    apis: Which = EVERYTHING
    clients: Which = EVERYTHING
    users: Which = EVERYTHING
    groups: Which = Which()
    networks: Which = EVERYTHING
    contexts: tuple[str, ...] = ()
    block: bool = False
    second_factor: bool = False
    context: str = ""
    max_age: int | None = None
