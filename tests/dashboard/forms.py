"""Forms as a browser sends them: every field of a page, but for what a test types."""

from collections.abc import Mapping

from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.spec.http import Answer
from tests.dashboard.desk import AtDesk, shown

Typed = Mapping[str, str | list[str] | None]


def form_of(answer: Answer) -> Form:
    """The form that a page shows."""
    form = shown(answer)["form"]
    assert isinstance(form, Form)
    return form


async def sends(desk: AtDesk, address: str, kinds: Kinds, typed: Typed) -> Answer:
    """The form of a page, each field as it stands there or as it was typed; None leaves one out."""
    form = form_of(await desk.get(address))
    told: dict[str, str | list[str]] = {}
    for name, kind in kinds.items():
        if kind == "switch":
            told |= {name: "on"} if form.values.get(name) else {}
        elif kind == "ticks":
            told[name] = list(form.values.get(name) or ())
        else:
            told[name] = form.lines(name).replace("\n", "\r\n") if kind == "lines" else form.text(name)
    told |= {name: value for name, value in typed.items() if value is not None}
    gone = [name for name, value in typed.items() if value is None]
    return await desk.fills(address, **{name: told[name] for name in told if name not in gone})
