"""A unit as a script: its steps in their order, until one of them cannot be made."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from sekisho.model.step import Lost, Note
from sekisho.store.outbox_rows import ResealRow, SendRow, SettleRow
from sekisho.store.rows import EraseRow, NoteRow, OnceRow, PutRow, Row, SaveRow, SwapRow, TakeRow, Unit
from sekisho.store.sql import artifacts, outbox, records
from sekisho.store.sql.script import Script

STEPS: Mapping[type[Row], Callable[[Any, Any, float], Script[Lost | None]]] = {
    PutRow: artifacts.put,
    SwapRow: artifacts.swap,
    TakeRow: artifacts.take,
    OnceRow: artifacts.claim,
    NoteRow: records.note,
    SaveRow: records.save,
    EraseRow: records.erase,
    SendRow: outbox.send,
    SettleRow: outbox.settle,
    ResealRow: outbox.reseal,
}


def land(unit: Unit) -> Script[Lost | None]:
    """The first step that is lost ends it; whoever plays this undoes what came before."""
    if len(unit.rows) == records.MANY and all(type(row) is NoteRow for row in unit.rows):
        return (
            yield from records.notes(
                cast("tuple[Note, ...]", unit.steps), cast("tuple[NoteRow, ...]", unit.rows)
            )
        )
    for step, row in zip(unit.steps, unit.rows, strict=True):
        lost = yield from STEPS[type(row)](step, row, unit.now)
        if lost:
            return lost
    return None
