"""Typed changes: what somebody asks to be different, read from members, applied to a record."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar

import msgspec
from msgspec import NODEFAULT, UNSET, UnsetType
from msgspec.structs import replace

from sekisho.spec.metadata import promises_are_kept
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID

V = TypeVar("V")

# Unset: leave it. None: back to the default.
Perhaps: TypeAlias = V | UnsetType | None


class Fields(Protocol):
    """A Struct whose every field may be left unset; None asks for the default again."""

    __struct_fields__: ClassVar[tuple[str, ...]]
    NEEDS: ClassVar[tuple[str, ...]]  # has to be there at creation
    ONCE: ClassVar[tuple[str, ...]]  # is said at creation only
    # Is not enforced yet, so only its default is taken; of a field too, as far as the members that it names.
    PROMISES: ClassVar[Mapping[str, object]]


F = TypeVar("F", bound=Fields)
S = TypeVar("S", bound=msgspec.Struct)


def creation(members: Mapping[str, object], kind: type[F], but: tuple[str, ...] = ()) -> F:
    """What a new thing shall be, without members that have their place elsewhere."""
    _are_known(members, kind, but)
    for name in kind.NEEDS:
        if members.get(name) is None:
            raise _invalid(f"'Missing required property: {name}'")
    return _read(members, kind)


def amendment(members: Mapping[str, object], kind: type[F]) -> F:
    """What shall be different about a thing."""
    _are_known(members, kind, but=kind.ONCE)
    return _read(members, kind)


def given(change: Fields) -> dict[str, Any]:
    """The fields that are set, by our names."""
    values = {name: getattr(change, name) for name in change.__struct_fields__}
    return {name: value for name, value in values.items() if value is not UNSET}


def written(change: Fields) -> list[str]:
    """The fields that are set, by their wire names."""
    names = {field.name: field.encode_name for field in msgspec.structs.fields(type(change))}  # type: ignore[arg-type]
    return [names[name] for name in given(change)]


def applied(record: S, values: Mapping[str, Any]) -> S:
    """The record with these values; None stands for the default."""
    own = {field.name: field for field in msgspec.structs.fields(record)}
    plain = {name: _default(own[name]) if value is None else value for name, value in values.items()}
    return replace(record, **plain)


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default if field.default_factory is NODEFAULT else field.default_factory()


def _read(members: Mapping[str, object], kind: type[F]) -> F:
    _are_known(members, kind)
    own = dict(_own(members, kind))
    promises_are_kept({name: members[name] for name in members if name not in own}, kind.PROMISES)
    try:
        return msgspec.convert(own, kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).replace("`", "").partition(" - at $.")
        raise _invalid(f"'{what}' on property {where}" if where else f"'{what}'") from error


def _own(members: Mapping[str, object], kind: type[F]) -> Iterator[tuple[str, object]]:
    """What is said of fields; where some members of one are promises, those are kept at their defaults."""
    real = {field.encode_name for field in msgspec.structs.fields(kind)}  # type: ignore[arg-type]
    for name, value in members.items():
        promised = kind.PROMISES.get(name)
        if name in real and isinstance(value, dict) and isinstance(promised, Mapping):
            inner = {each: said for each, said in value.items() if each in promised}
            promises_are_kept({name: inner}, kind.PROMISES)
            yield name, {each: said for each, said in value.items() if each not in promised}
        elif name in real:
            yield name, value


def _are_known(members: Mapping[str, object], kind: type[F], but: tuple[str, ...] = ()) -> None:
    known = {field.encode_name for field in msgspec.structs.fields(kind)} | kind.PROMISES.keys()  # type: ignore[arg-type]
    for name in members:
        if name not in known or name in but:
            raise _invalid(f"'Additional properties not allowed: {name[:64]}'")


def _invalid(problem: str) -> Refused:
    return Refused(BODY_INVALID, words={"problem": problem})
