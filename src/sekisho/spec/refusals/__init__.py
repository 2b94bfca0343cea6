"""The whole catalogue of refusals: one file per area, one table."""

from collections.abc import Mapping

from sekisho.spec import refusal
from sekisho.spec.refusal import Reason
from sekisho.spec.refusals import (
    authorization,
    claims,
    conditional,
    entra,
    exchange,
    factors,
    mail,
    management,
    people,
    portal,
    protocol,
    registration,
)

AREAS = (
    *(refusal, protocol, authorization, management, people, registration, portal, claims, mail),
    *(exchange, entra, conditional, factors),
)
CATALOGUE: Mapping[str, Reason] = {
    reason.slug: reason for area in AREAS for reason in vars(area).values() if isinstance(reason, Reason)
}
