"""The rooms of the dashboard: each brings its rows."""

from sekisho.pages.dashboard.rooms import (
    activity,
    apis,
    applications,
    claim_rules,
    entra_applications,
    overview,
    policies,
    registered_applications,
    search,
    settings,
    signing_keys,
    site_settings,
    users,
)
from sekisho.pages.dashboard.row import Row

ROWS: tuple[Row, ...] = (
    *overview.ROWS,
    *activity.ROWS,
    *applications.ROWS,
    *apis.ROWS,
    *claim_rules.ROWS,
    *entra_applications.ROWS,
    *policies.ROWS,
    *registered_applications.ROWS,
    *search.ROWS,
    *settings.ROWS,
    *signing_keys.ROWS,
    *site_settings.ROWS,
    *users.ROWS,
)
