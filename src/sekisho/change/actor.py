"""Who did it: what the audit says about whoever calls a verb."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.events.audit import Audit
from sekisho.model.step import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A client or a user, from where, in which request.

    `scopes`: what they may do at the management API; None for whoever runs the installation, and for people
    who act for themselves.
    """

    client: str | None = None
    user: str | None = None
    address: str = ""
    correlation: str = ""
    scopes: frozenset[str] | None = None

    def note(self, audit: Audit, tenant: str, slug: str, detail: Mapping[str, object]) -> Note:
        """The step that remembers the deed in the same unit."""
        event = audit.event(
            tenant,
            slug,
            client=self.client,
            user=self.user,
            address=self.address,
            correlation=self.correlation,
            detail=detail,
        )
        return Note(event)
