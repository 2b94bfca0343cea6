"""Class 70 in the dashboard: whatever is sent to a row, by a link or by a form, is answered and breaks nothing."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sekisho.pages.dashboard import ROUTES
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.pages.says import says
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.web import read
from sekisho.web.route import FORM_LIMIT, Route, Routes
from tests.attacks.test_69_dashboard import NAMES, among_evil, shown
from tests.dashboard.desk import AtDesk

SOURCES = Path(__file__).parents[2] / "src/sekisho/pages"
# Every name that some form or query of the dashboard has, so that garbage arrives where it is read.
FIELDS = sorted(
    {
        name
        for path in SOURCES.glob("templates/dashboard/*.html")
        for name in re.findall(r'name="([\w./{}]+)"', path.read_text())
    }
    | {name for path in SOURCES.glob("dashboard/**/*.py") for name in re.findall(r'"([\w./]{2,60})"', path.read_text())}
)
