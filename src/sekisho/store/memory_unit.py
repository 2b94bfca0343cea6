"""How a unit lands in memory: step by step, with a journal that undoes it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sekisho.model.artifact import Spent
from sekisho.model.step import Erase, Lost, Note, Put, PutOnce, Save, Swap, Take
from sekisho.store import memory_outbox
from sekisho.store.memory_held import Held, Journal, Kept
from sekisho.store.outbox_rows import ResealRow, SendRow, SettleRow
from sekisho.store.rows import EraseRow, NoteRow, OnceRow, PutRow, Row, SaveRow, SwapRow, TakeRow, Unit
from sekisho.store.upkeep import Change


def make(held: Held, unit: Unit) -> Lost | None:
    """Every step, or what was lost."""
    journal = Journal(held, unit.now)
    for step, row in zip(unit.steps, unit.rows, strict=True):
        lost = STEPS[type(row)](journal, step, row)
        if lost:
            journal.undo()
            return lost
    journal.keep()
    return None


def _put(journal: Journal, step: Put, row: PutRow) -> Lost | None:
    held, owner, key = journal.held, step.thing.owner, (row.tenant, row.kind, row.id)
    if held.covered(owner, row.born):
        return Lost(step, "revoked")
    for taken in {row.handle, held.ids.get(key, row.handle)}:
        there = held.artifacts.get(taken)
        if there is not None and there.expires_at > journal.now:
            return Lost(step, "duplicate")
        if there is not None:
            journal.set(held.artifacts, there.handle, None)
            journal.set(held.ids, (there.owner.tenant, there.kind, there.id), None)
    kept = Kept(row.handle, row.kind, row.id, owner, row.born, row.expires_at, row.version, row.body)
    journal.set(held.artifacts, row.handle, kept)
    journal.set(held.ids, key, row.handle)
    return None


def _take(journal: Journal, step: Take, row: TakeRow) -> Lost | None:
    kept = journal.held.artifacts.get(row.handle)
    lost = _gone(journal, step, kept)
    if kept is None or lost:
        return lost
    journal.set(journal.held.artifacts, row.handle, msgspec.structs.replace(kept, spent_at=journal.now))
    return None


def _swap(journal: Journal, step: Swap, row: SwapRow) -> Lost | None:
    handle = journal.held.ids.get((row.tenant, row.kind, row.id))
    kept = None if handle is None else journal.held.artifacts.get(handle)
    lost = _gone(journal, step, kept)
    if kept is None or lost:
        return lost
    if journal.held.covered(step.thing.owner, row.born):
        return Lost(step, "revoked")
    if kept.version != row.version:
        return Lost(step, "stale")
    changed = Kept(
        kept.handle, row.kind, row.id, step.thing.owner, row.born, row.expires_at, row.version + 1, row.body
    )
    journal.set(journal.held.artifacts, kept.handle, changed)
    return None


def _gone(journal: Journal, step: Take | Swap, kept: Kept | None) -> Lost | None:
    if kept is None or kept.expires_at <= journal.now:
        return Lost(step, "absent")
    if kept.spent_at is not None:
        return Lost(step, "spent", Spent(id=kept.id, owner=kept.owner, at=kept.spent_at))
    if journal.held.covered(kept.owner, kept.born):
        return Lost(step, "revoked")
    return None


def _claim(journal: Journal, step: PutOnce, row: OnceRow) -> Lost | None:
    if journal.held.once.get(row.key, journal.now) > journal.now:
        return Lost(step, "duplicate")
    journal.set(journal.held.once, row.key, row.expires_at)
    return None


def _note(journal: Journal, step: Note, row: NoteRow) -> Lost | None:
    if (row.tenant, row.id) in journal.held.events:
        return Lost(step, "duplicate")
    journal.set(journal.held.events, (row.tenant, row.id), row)
    return None


def _save(journal: Journal, step: Save, row: SaveRow) -> Lost | None:
    held, table = journal.held, row.noun.table
    there = held.records.get((table, row.tenant, row.id))
    if row.version == 0 and there is not None:
        return Lost(step, "duplicate")
    if row.version and (lost := _moved(step, row, there)):
        return lost
    if any(held.names.get((table, row.tenant, name), row.id) != row.id for name in row.names):
        return Lost(step, "duplicate")
    _unname(journal, there)
    for name in row.names:
        journal.set(held.names, (table, row.tenant, name), row.id)
    journal.set(held.records, (table, row.tenant, row.id), row)
    _note_change(journal, row)
    return None


def _erase(journal: Journal, step: Erase, row: EraseRow) -> Lost | None:
    there = journal.held.records.get((row.noun.table, row.tenant, row.id))
    lost = _moved(step, row, there)
    if lost is None:
        _unname(journal, there)
        journal.set(journal.held.records, (row.noun.table, row.tenant, row.id), None)
        _note_change(journal, row)
    return lost


def _moved(step: Save | Erase, row: SaveRow | EraseRow, there: SaveRow | None) -> Lost | None:
    if there is None:
        return Lost(step, "absent")
    return None if there.version + 1 == row.version else Lost(step, "stale")


def _unname(journal: Journal, there: SaveRow | None) -> None:
    for name in there.names if there else ():
        journal.set(journal.held.names, (there.noun.table, there.tenant, name), None)  # type: ignore[union-attr]


def _note_change(journal: Journal, row: SaveRow | EraseRow) -> None:
    if row.noun.config:
        journal.changes.append(Change(row.noun.table, row.tenant, row.id))


STEPS: Mapping[type[Row], Callable[[Journal, Any, Any], Lost | None]] = {
    PutRow: _put,
    SwapRow: _swap,
    TakeRow: _take,
    OnceRow: _claim,
    NoteRow: _note,
    SaveRow: _save,
    EraseRow: _erase,
    SendRow: memory_outbox.send,
    SettleRow: memory_outbox.settle,
    ResealRow: memory_outbox.reseal,
}
