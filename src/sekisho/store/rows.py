"""A unit as engines keep it: checked, encoded and sized before it is queued."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import msgspec

from sekisho.model.artifact import Artifact
from sekisho.model.event import Event
from sekisho.model.record import Record
from sekisho.model.step import Erase, Note, Put, PutOnce, Reseal, Save, Send, Settle, Step, Swap, Take
from sekisho.store import EVERYWHERE, outbox_rows
from sekisho.store.nouns import NOUNS, Noun
from sekisho.store.outbox_rows import ResealRow, SendRow, SettleRow
from sekisho.store.sound import finite, plain, searched

T = TypeVar("T")

ENCODER = msgspec.json.Encoder()


class PutRow(NamedTuple):
    """A new artifact, in the order of its columns."""

    handle: bytes
    kind: str
    id: str
    tenant: str
    grant: str | None
    session: str | None
    user: str | None
    client: str | None
    born: float
    expires_at: float
    version: int
    body: bytes


class SwapRow(NamedTuple):
    """What an artifact becomes if it still has `version`."""

    tenant: str
    kind: str
    id: str
    version: int
    grant: str | None
    session: str | None
    user: str | None
    client: str | None
    born: float
    expires_at: float
    body: bytes


class TakeRow(NamedTuple):
    """The artifact to use up."""

    handle: bytes


class OnceRow(NamedTuple):
    """The key to claim; its digest, because strangers choose keys."""

    key: bytes
    expires_at: float


class NoteRow(NamedTuple):
    """An audit event, in the order of its columns."""

    tenant: str
    id: str
    at: float
    slug: str
    client: str | None
    user: str | None
    body: bytes


class SaveRow(NamedTuple):
    """A record with everything it is found by; `version` is the one it must still have."""

    noun: Noun
    tenant: str
    id: str
    version: int
    created_at: float
    updated_at: float
    doc: str
    columns: tuple[str | None, ...]
    names: tuple[str, ...]
    tags: tuple[str, ...]


class EraseRow(NamedTuple):
    """A record to remove if it still has `version`."""

    noun: Noun
    tenant: str
    id: str
    version: int


Row = PutRow | SwapRow | TakeRow | OnceRow | NoteRow | SaveRow | EraseRow | SendRow | SettleRow | ResealRow


@dataclass(frozen=True, slots=True)
class Unit:
    """Steps with their rows, side by side."""

    steps: tuple[Step, ...]
    rows: tuple[Row, ...]
    size: int
    now: float


def unit(steps: tuple[Step, ...], pepper: bytes, now: float) -> Unit:
    """Steps made ready; raises ValueError for what no engine can keep, before anything is queued."""
    rows = tuple([ROWS[type(step)](step, pepper) for step in steps])
    return Unit(steps, rows, sum(map(_size, rows)), now)


def fingerprint(pepper: bytes, kind: str, handle: str) -> bytes:
    """What is kept instead of a handle."""
    return hmac.digest(pepper, kind.encode() + b"\0" + handle.encode("utf-8", "surrogatepass"), "sha256")


def place(kind: type[Record], tenant: str) -> str:
    """Under which tenant a noun is kept."""
    return EVERYWHERE if NOUNS[kind].everywhere else tenant


class Reader:
    """Reads bodies back, with one prepared decoder for each type."""

    def __init__(self) -> None:
        self._decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}

    def __call__(self, kind: type[T], body: bytes | str) -> T:
        decoder = self._decoders.get(kind)
        if decoder is None:
            decoder = self._decoders[kind] = msgspec.json.Decoder(kind)
        return decoder.decode(body)  # type: ignore[no-any-return]


def _put(step: Put, pepper: bytes) -> PutRow:
    thing, owner, kind = step.thing, step.thing.owner, type(step.thing).__name__
    _check(thing)
    return PutRow(
        fingerprint(pepper, kind, step.handle),
        kind,
        thing.id,
        *(owner.tenant, owner.grant, owner.session, owner.user, owner.client),
        *(thing.born, thing.expires_at, thing.version, ENCODER.encode(thing)),
    )


def _swap(step: Swap, _: bytes) -> SwapRow:
    thing, owner = step.thing, step.thing.owner
    _check(thing)
    body = ENCODER.encode(msgspec.structs.replace(thing, version=thing.version + 1))
    return SwapRow(
        *(owner.tenant, type(thing).__name__, thing.id, thing.version),
        *(owner.grant, owner.session, owner.user, owner.client),
        *(thing.born, thing.expires_at, body),
    )


def _take(step: Take, pepper: bytes) -> TakeRow:
    return TakeRow(fingerprint(pepper, step.kind.__name__, step.handle))


def _once(step: PutOnce, pepper: bytes) -> OnceRow:
    finite(step.expires_at)
    return OnceRow(fingerprint(pepper, "PutOnce", step.key), step.expires_at)


def _note(step: Note, _: bytes) -> NoteRow:
    event: Event = step.event
    plain(event.tenant, event.id, event.slug, event.client, event.user)
    finite(event.at)
    return NoteRow(
        *(event.tenant, event.id, event.at, event.slug, event.client, event.user), ENCODER.encode(event)
    )


def _save(step: Save, _: bytes) -> SaveRow:
    record, noun = step.record, NOUNS[type(step.record)]
    tenant = place(type(record), record.tenant)
    columns = tuple(read(record) for read in noun.columns.values())
    names, tags = tuple(dict.fromkeys(noun.names(record))), tuple(dict.fromkeys(noun.tags(record)))
    for text in (*names, *tags, *columns, record.tenant):
        plain(tenant, record.id, text)
    finite(record.created_at, record.updated_at)
    if noun.words:
        columns = (*columns, searched(noun.words(record)))
    doc = ENCODER.encode(msgspec.structs.replace(record, version=record.version + 1)).decode()
    identity = (noun, tenant, record.id, record.version)
    return SaveRow(*identity, record.created_at, record.updated_at, doc, columns, names, tags)


def _erase(step: Erase, _: bytes) -> EraseRow:
    record = step.record
    plain(record.tenant, record.id)
    kind = type(record)
    return EraseRow(NOUNS[kind], place(kind, record.tenant), record.id, record.version)


def _check(thing: Artifact) -> None:
    owner = thing.owner
    plain(thing.id, owner.tenant, owner.grant, owner.session, owner.user, owner.client)
    finite(thing.born, thing.expires_at)


def _size(row: Row) -> int:
    match row:
        case PutRow() | SwapRow() | NoteRow() | SendRow() | ResealRow():
            return 300 + len(row.body)
        case SaveRow():
            return 500 + 2 * len(row.doc)
        case _:
            return 200


ROWS: Mapping[type[Step], Callable[[Any, bytes], Row]] = {
    Put: _put,
    Swap: _swap,
    Take: _take,
    PutOnce: _once,
    Note: _note,
    Save: _save,
    Erase: _erase,
    Send: outbox_rows.send,
    Settle: outbox_rows.settle,
    Reseal: outbox_rows.reseal,
}
