"""What cannot be undone is armed: whoever does it types what it is called."""

from collections.abc import Mapping

from msgspec.structs import replace

from sekisho.pages.dashboard import fields
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.problems import Problem
from sekisho.spec.http import Answer, Pairs

TYPED = "typed"
KINDS: Mapping[str, Kind] = {TYPED: "text"}
UNARMED: Mapping[str, Problem] = {TYPED: Problem("dash.not_its_name")}


def asks(*, locked: bool) -> Form:
    """The form of the page that asks; locked for whoever may not do it."""
    return fields.shown({}, locked=locked)


def is_armed(form: Pairs, name: str) -> bool:
    """What was typed is the name, as pages show it: spaces in a row are one."""
    typed = fields.typed(form, KINDS)[TYPED] or ""
    return " ".join(typed.split()) == " ".join(name.split())


def unarmed(form: Pairs) -> Form:
    """The form again: this is not what it is called."""
    return Form(fields.typed(form, KINDS), problems=UNARMED)


def again(answer: Answer) -> Answer:
    """The page that asks, a second time."""
    return replace(answer, status=400)
