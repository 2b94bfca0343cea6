"""Second factors of users in the management API: seen without what proves them, and taken away."""

from sekisho.people.second_factor import held
from sekisho.spec.refusals.factors import FACTOR_ABSENT
from tests.second_factors import enrolled
