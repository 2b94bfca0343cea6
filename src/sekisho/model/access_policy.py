"""Conditional access: who has to prove what before something is opened for them, or is not let in at all."""

from sekisho.model.record import Record
from sekisho.spec.conditional.terms import Terms


class AccessPolicy(Record, frozen=True, kw_only=True):
    """A policy of a tenant: its id is the GUID that claims challenges name."""

    name: str
    terms: Terms = Terms()
