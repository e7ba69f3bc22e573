"""Equal rows as one: a matrix of thousands of cells on a few pages, in a stable order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.workbench.cells import Cell, Cells, Layout
from gateway.workbench.space import Capacity

Values = Mapping[str, tuple[str, ...]]
"""For each attribute, the values that a row stands for."""


@dataclass(frozen=True, slots=True)
class Who:
    """Roles, each of which with each of the purposes sees the same."""

    roles: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Classes of one type of which the same is said.

    Attributes:
        values: for each attribute, the values that the row stands for.
        said: for each field, what is said of it.
    """

    values: Values
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """Everybody who sees the same of one type, and what that is."""

    type: str
    who: tuple[Who, ...]
    rows: tuple[Row, ...]


def blocks(layout: Layout, cells: Cells) -> Iterator[Block]:
    """The whole matrix, by type and then by what is seen of it."""
    asked = list(dict.fromkeys(cell.capacity for cell in cells))
    for type_name in layout.fields:
        alike: dict[tuple[tuple[tuple[str, str], ...], ...], list[Capacity]] = {}
        rows_of: dict[Capacity, tuple[Row, ...]] = {}
        for capacity in asked:
            rows = tuple(_rows(layout, cells, capacity, type_name))
            if rows:
                rows_of[capacity] = rows
                told = tuple((*_flat(row.values), *row.said.items()) for row in rows)
                alike.setdefault(told, []).append(capacity)
        for together in alike.values():
            yield Block(type_name, tuple(_who(together)), rows_of[together[0]])


def _flat(values: Values) -> tuple[tuple[str, str], ...]:
    return tuple((name, ",".join(given)) for name, given in values.items())


def _who(together: Sequence[Capacity]) -> Iterator[Who]:
    purposes: dict[str, list[str]] = {}
    for capacity in together:
        purposes.setdefault(capacity.role, []).append(capacity.purpose)
    roles: dict[tuple[str, ...], list[str]] = {}
    for role, theirs in purposes.items():
        roles.setdefault(tuple(theirs), []).append(role)
    for shared, named in roles.items():
        yield Who(tuple(named), shared)


def _rows(layout: Layout, cells: Cells, capacity: Capacity, type_name: str) -> Iterator[Row]:
    def said(key: str) -> tuple[tuple[str, str], ...]:
        each = ((field, cells.get(Cell(capacity, type_name, key, field))) for field in layout.fields[type_name])
        return tuple((field, state) for field, state in each if state is not None)

    def merged(names: Sequence[str], begun: str) -> list[tuple[Values, tuple[tuple[str, str], ...]]]:
        if not names:
            told = said(begun.removeprefix("|"))
            return [({}, told)] if told else []
        alike: dict[str, tuple[list[str], list[tuple[Values, tuple[tuple[str, str], ...]]]]] = {}
        for value in layout.domains[type_name][names[0]]:
            below = merged(names[1:], f"{begun}|{value}")
            alike.setdefault(repr(below), ([], below))[0].append(value)
        return [({names[0]: tuple(own), **values}, told) for own, below in alike.values() for values, told in below]

    for values, told in merged(list(layout.domains[type_name]), ""):
        yield Row(values, dict(told))
