"""What a revocation covers: the marks of an owner, and the one mark that a revocation sets."""

import math

import msgspec

from sekisho.model.artifact import Owner

LIFETIME = 400 * 86_400.0
MOST_ENDED = (
    10_000  # rows that one revocation deletes; the rest is invisible at once and goes when it expires
)

Marks = tuple[str, str | None, str | None, str | None, str | None, str | None]


def marks(owner: Owner) -> Marks:
    """Every mark whose tombstone covers this owner; databases compute the same ones from columns."""
    both = owner.user is not None and owner.client is not None
    return (
        "t:",
        None if owner.grant is None else "g:" + owner.grant,
        None if owner.session is None else "s:" + owner.session,
        None if owner.user is None else "u:" + owner.user,
        None if owner.client is None else "c:" + owner.client,
        f"b:{len(owner.user or '')}:{owner.user}{owner.client}" if both else None,
    )


def narrowed(owner: Owner) -> Owner:
    """The most specific thing an owner names: grant, session, user with client, user, client, tenant.

    So a revocation of {user, client} ends that client's tokens of that user, and nobody else's.
    """
    if owner.grant is not None:
        return Owner(tenant=owner.tenant, grant=owner.grant)
    if owner.session is not None:
        return Owner(tenant=owner.tenant, session=owner.session)
    return msgspec.structs.replace(owner, grant=None, session=None)


def mark(narrow: Owner) -> str:
    """The mark that a revocation of a narrowed owner sets."""
    everyone, grant, session, user, client, both = marks(narrow)
    return grant or session or both or user or client or everyone


def reach(narrow: Owner, at: float) -> float:
    """Up to which birth things are covered: a grant's for ever, anything else's up to the revocation."""
    return math.inf if narrow.grant is not None else at
