"""Forms: each selection in the client's order, from wherever its values stand in the row."""

from itertools import permutations
from typing import Any

import pytest

from resolvers.form import Filler, Piece, Shape, Values, composite, form, typename
from resolvers.grants import Grants

PARTS = {"lines": 0, "postcode": 1, "state": 2}
SELECTIONS = [chosen for size in range(5) for chosen in permutations([*PARTS, "__typename"], size)]


def written(*parts: Values | Piece, row: list[Any]) -> list[tuple[str, Any]]:
    """The keys and values of a record, in order."""
    return list(form(parts)(Filler(Grants("r", {}), {}, {}), row).items())


@pytest.mark.parametrize("chosen", SELECTIONS)
def test_a_composite_is_written_as_it_is_asked_for(chosen: tuple[str, ...]) -> None:
    """Whichever parts are asked for, if any, in whichever order, with the type's name or alone: all are as stored."""
    shape = Shape("Address", tuple((f"own_{name}", name, None) for name in chosen))
    stored = {"lines": ["1 Mill Lane"], "postcode": "VK9 4NQ", "state": "CURRENT", "__typename": "Address"}
    single = {f"own_{name}": stored[name] for name in chosen}
    value = [stored[name] for name in PARTS]
    assert written(composite("a", 0, shape, PARTS, many=False), row=[value]) == [("a", single)]
    assert list(single) == [key for key, _, _ in shape.fields]
    columns = [[each, each] for each in value]
    assert written(composite("a", 0, shape, PARTS, many=True), row=[columns]) == [("a", [single, single])]
    assert written(composite("a", 0, shape, PARTS, many=True), row=[None]) == [("a", None)]
    assert written(composite("a", 0, shape, PARTS, many=False), row=[None]) == [("a", None)]


@pytest.mark.parametrize("columns", [(0,), (2,), (2, 0), (0, 1, 2), (1, 1)])
def test_values_stand_under_their_keys(columns: tuple[int, ...]) -> None:
    """One value or several are taken from their columns in the client's order, alone or among others."""
    row, keys = ["zero", ["one"], None], tuple(f"k{n}" for n in range(len(columns)))
    expected = [(key, row[column]) for key, column in zip(keys, columns, strict=True)]
    assert written(Values(keys, columns), row=row) == expected
    assert written(typename("t", "Child"), Values(keys, columns), row=row) == [("t", "Child"), *expected]
