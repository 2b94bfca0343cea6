"""The whole catalogue of refusals: one file per area, one table."""

from collections.abc import Mapping

from sekisho.spec import refusal, refusals_management, refusals_people, refusals_registration
from sekisho.spec.refusal import Reason

AREAS = (refusal, refusals_management, refusals_people, refusals_registration)
CATALOGUE: Mapping[str, Reason] = {
    reason.slug: reason for area in AREAS for reason in vars(area).values() if isinstance(reason, Reason)
}
