"""Forms: how a record is written in the client's shape, one function for each selection.

A plan is made once and answered many times. So all that follows from it is settled with it: under which keys, in which
order, from which place of a row. What is left for an answer is to go through the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from resolvers.grants import Grants
from resolvers.limits import MAX_VALUES
from resolvers.model import Row
from resolvers.refusals import Refusal

Contacts = Mapping[str, Mapping[str, Any]]


@dataclass(slots=True)
class Filler:
    """What one answer is filled with, besides the rows.

    Attributes:
        grants: what was open, for the accounts of what was withheld.
        contacts: whom to call, by the contact's key in the grants.
        by_id: the rows of each part by id, for what stands behind a cut.
        told: what policy did, as far as it is written already, by shape and class.
        room: how many values may still be written.
    """

    grants: Grants
    contacts: Contacts
    by_id: Mapping[int, Mapping[str, Row]]
    told: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    room: int = field(default_factory=lambda: MAX_VALUES)

    def take(self, values: int) -> None:
        """Make sure that there is room for so many values more.

        Raises:
            Refusal: the answer has too many. A record behind a cut is read once, and written as often as paths lead to
                it, which may be as many as there are atoms.
        """
        self.room -= values
        if self.room < 0:
            raise Refusal("OPERATION_TOO_LARGE")


Form = Callable[[Filler, Row], dict[str, Any]]
"""Makes a record in the client's shape from its row; a ``Refusal`` says that the answer has too many values."""
Write = Callable[[Filler, Row, dict[str, Any]], None]
"""Writes some keys of a record from its row."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some keys of a record: how they are written, and how many values they are."""

    write: Write
    weight: int


@dataclass(frozen=True, slots=True)
class Values:
    """Values that follow each other in the client's order: their response keys, and their columns in the row.

    Most of an answer consists of them.
    """

    keys: tuple[str, ...]
    columns: tuple[int, ...]

    def __add__(self, other: "Values") -> "Values":
        return Values(self.keys + other.keys, self.columns + other.columns)


@dataclass(frozen=True, slots=True)
class Shape:
    """The selection below a plain object: (response key, field name, shape below or None); and the type's name."""

    type: str
    fields: tuple[tuple[str, str, "Shape | None"], ...]


def form(parts: Sequence[Values | Piece]) -> Form:
    """The form of a record from its parts, in the client's order."""
    weight = 1 + sum(len(part.keys) if isinstance(part, Values) else part.weight for part in parts)
    if len(parts) == 1 and isinstance(parts[0], Values):
        keys, pick = parts[0].keys, _picks(parts[0].columns)

        def plain(filler: Filler, row: Row) -> dict[str, Any]:
            filler.take(weight)
            return dict(zip(keys, pick(row)))  # noqa: B905 - as many of both, and to say so costs a third more

        return plain
    writes = [_written(part) if isinstance(part, Values) else part.write for part in parts]

    def whole(filler: Filler, row: Row) -> dict[str, Any]:
        filler.take(weight)
        record: dict[str, Any] = {}
        for write in writes:
            write(filler, row, record)
        return record

    return whole


def _written(values: Values) -> Write:
    keys, pick = values.keys, _picks(values.columns)
    return lambda _, row, into: into.update(zip(keys, pick(row)))  # noqa: B905 - as above


def _picks(columns: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What takes these columns from a row; there may be none, where directives leave out all that was selected."""
    if columns[1:]:
        return itemgetter(*columns)
    return lambda row: [row[column] for column in columns]  # an itemgetter would give the bare value


def typename(key: str, name: str) -> Piece:
    """The record type's name."""

    def write(_: Filler, __: Row, into: dict[str, Any]) -> None:
        into[key] = name

    return Piece(write, 1)


def composite(key: str, column: int, shape: Shape, where: Mapping[str, int], *, many: bool) -> Piece:
    """A value with parts, such as an address; a list of them where ``many``, stored as parallel lists.

    Args:
        key: the response key.
        column: the column that holds it.
        shape: which parts, under which keys.
        where: the position of each part in the column.
        many: whether there may be several.
    """
    keys = tuple(own for own, _, _ in shape.fields)
    pick = _picks([where.get(name, -1) for _, name, _ in shape.fields])

    def single(value: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(keys, pick([*value, shape.type]), strict=True))  # the type's name is asked for like a part

    def write(_: Filler, row: Row, into: dict[str, Any]) -> None:
        value = row[column]
        if value is None:
            into[key] = None
        elif many:
            into[key] = [single(each) for each in zip(*(held or [] for held in value), strict=True)]
        else:
            into[key] = single(value)

    return Piece(write, len(keys))


def access(key: str, shape: Shape, type_name: str, asked: frozenset[str]) -> Piece:
    """What policy did with a record: the same for all records of a class, so an answer has it written once.

    Args:
        key: the response key.
        shape: what of it, under which keys.
        type_name: the record's type.
        asked: every field of the record that the operation asks for.
    """

    def write(filler: Filler, row: Row, into: dict[str, Any]) -> None:
        place = (id(shape), row[0])
        if place not in filler.told:
            filler.told[place] = _shaped(shape, _account(filler, type_name, row[0], asked))
        into[key] = filler.told[place]

    return Piece(write, _leaves(shape))


def link(key: str, slot: int, part: int | None, below: Form, *, inline: bool, many: bool) -> Piece:
    """A relation.

    Args:
        key: the response key.
        slot: where its rows stand: the position in the row, or, behind a cut, in the row of the record in ``part``.
        part: the part behind the cut.
        below: the form of the records that it leads to.
        inline: whether the far record's row stands there by itself.
        many: whether there may be several.
    """

    def write(filler: Filler, row: Row, into: dict[str, Any]) -> None:
        source = row if part is None else filler.by_id[part].get(row[1])
        rows = None if source is None else source[slot]
        if rows is None:
            into[key] = None
        elif inline:
            into[key] = below(filler, rows)
        elif many:
            into[key] = [below(filler, each) for each in rows]
        else:
            into[key] = below(filler, rows[0]) if rows else None

    return Piece(write, 1)


def _account(filler: Filler, type_name: str, class_key: str, asked: frozenset[str]) -> dict[str, Any]:
    """What policy did: it follows from the class and the plan alone."""
    grant = filler.grants.of(type_name, class_key)
    _, reasons = filler.grants.told(type_name, class_key, asked)
    withheld = [{"field": name, "reason": reason} for name, reason in reasons.items()]
    contact = filler.contacts.get(grant.contact) if grant.contact is not None else None
    return {"shielded": "shielded" in class_key.split("|"), "withheld": withheld, "contact": contact}


def _leaves(shape: Shape) -> int:
    return sum(_leaves(below) if below else 1 for _, _, below in shape.fields)


def _shaped(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_shaped(shape, each) for each in value]
    return {
        key: shape.type if name == "__typename" else _shaped(below, value.get(name)) if below else value.get(name)
        for key, name, below in shape.fields
    }
