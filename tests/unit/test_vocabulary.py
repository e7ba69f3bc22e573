"""The contract between policy and graph: both name the same types, fields, attributes, classes and listings."""

import json
import re
from typing import Any

import pytest

from graph.attributes import ATTRIBUTES
from graph.compile import compile_statement
from graph.scope import Scope, Seen, see
from resolvers.grants import classes_of
from schema.catalogue import CATALOGUE, INVERSE, LISTINGS
from tests.conftest import POLICIES
from tests.rewritten import planned


def table(name: str) -> Any:
    """A table of the policies."""
    return json.loads((POLICIES / "directory" / name / "data.json").read_text("utf-8"))


TYPES: dict[str, Any] = table("vocabulary")["types"]
OF_ITS_CHILD = {"Care": {"shielding", "local"}, "Involvement": {"shielding", "local"}}
"""Attributes that a care or an involvement shares with its child."""


def attributes(type_name: str) -> dict[str, list[str]]:
    """A type's attributes with their domains, in order."""
    return {each["name"]: each["domain"] for each in TYPES[type_name]["attributes"]}


def test_every_record_type_is_in_the_vocabulary() -> None:
    """Policy and schema know the same record types."""
    assert set(TYPES) == set(CATALOGUE)


@pytest.mark.parametrize("type_name", sorted(CATALOGUE))
def test_every_field_is_in_the_vocabulary(type_name: str) -> None:
    """Policy and schema know the same fields of each record type, each in a class of data."""
    fields = TYPES[type_name]["fields"]
    assert set(fields) == set(CATALOGUE[type_name].fields)
    assert all(isinstance(kind, str) and kind for kind in fields.values())


def test_every_attribute_has_one_expression() -> None:
    """Each attribute of the vocabulary is one expression of the graph, or its child's; there is no other expression."""
    named = {(type_name, name) for type_name in TYPES for name in attributes(type_name)}
    shared = {(type_name, name) for type_name, names in OF_ITS_CHILD.items() for name in names}
    assert shared < named
    assert named - shared == set(ATTRIBUTES)
    for type_name, names in OF_ITS_CHILD.items():
        for name in names:
            assert attributes(type_name)[name] == attributes("Child")[name]


@pytest.mark.parametrize(("type_name", "name"), sorted(ATTRIBUTES))
def test_an_expression_yields_the_values_of_its_domain(type_name: str, name: str) -> None:
    """The values that an expression can yield are exactly the attribute's domain."""
    yielded = set(re.findall(r"(?:THEN|ELSE) '(\w+)'", ATTRIBUTES[type_name, name]))
    assert yielded == set(attributes(type_name)[name])


@pytest.mark.parametrize("type_name", sorted(CATALOGUE))
def test_a_class_key_is_in_the_vocabularys_order(type_name: str) -> None:
    """The graph joins a record's attributes in the order in which the vocabulary names them."""
    child = Seen("Child", "c", "kc", "gc", "sc", "lc")
    of_a_child = type_name in OF_ITS_CHILD
    scope, seen = see(Scope(("x", "c"), ""), type_name, "x", "n", child=child if of_a_child else None)
    parts = [_attribute(type_name, part, scope.text) for part in _joined(_expression(scope.text, seen.k))]
    assert parts == list(attributes(type_name))


def _expression(text: str, name: str) -> str:
    """The expression that a name stands for: what is before it, back to the names that are only passed on."""
    clause = text.split(f" AS {name}", maxsplit=1)[0].rpartition("WITH ")[2]
    return re.sub(r"^(?:\w+, )+", "", clause)


def _joined(expression: str) -> list[str]:
    """The parts of a class key."""
    return [] if expression == "''" else expression.split(" + '|' + ")


def _attribute(type_name: str, part: str, text: str) -> str:
    """Which attribute a part of a class key is."""
    if part in {"sx", "lx", "sc", "lc"}:
        expected = {"s": "shielding", "l": "local"}[part[0]]
        if part.endswith("x"):
            assert f"{ATTRIBUTES[type_name, expected].format(x='x', s='sx')} AS {part}" in text
        return expected
    written = {known.format(x="x", s="sx"): name for (of, name), known in ATTRIBUTES.items() if of == type_name}
    return written[part]


@pytest.mark.parametrize("type_name", sorted(CATALOGUE))
def test_every_class_has_a_value_for_every_attribute(type_name: str) -> None:
    """The classes of a type are all combinations of its domains, and their keys name the values in order."""
    for key, values in classes_of({"types": TYPES})[type_name].items():
        assert key == "|".join(values.values())
        assert list(values) == list(attributes(type_name))


def test_listings_are_the_policys() -> None:
    """The fields that only browse are the same in the policy and in the schema's catalogue."""
    assert {(type_name, field) for type_name, fields in table("listings").items() for field in fields} == LISTINGS


def test_a_listing_is_one_way_of_a_link() -> None:
    """Each listing leads back along a link whose other end hides it, or is a listing too."""
    for type_name, field in LISTINGS:
        target = CATALOGUE[type_name].relation[field].target
        back = INVERSE[type_name, field]
        assert back in CATALOGUE[target].relation
        assert INVERSE[target, back] == field


def test_every_relation_can_be_read() -> None:
    """For each relation of the schema there is a statement that reads it."""
    for record in CATALOGUE.values():
        for relation in record.relations:
            below = "id" if CATALOGUE[relation.target].has_id else "__typename"
            plan, _ = planned(_to(record.name, f"{relation.name} {{ {below} }}"))
            for stage in plan.stages:
                for statement in stage:
                    assert "MATCH" in compile_statement(statement, [part.kind for part in statement.parts])


def _to(type_name: str, selection: str) -> str:
    """An operation that selects something of a type."""
    if type_name == "Account":
        return f"{{ me {{ {selection} }} }}"
    if type_name == "Care":
        return f'{{ child(id: "1") {{ carers {{ {selection} }} }} }}'
    reference = f'[{{__typename: "{type_name}", id: "1"}}]'
    return f"{{ _entities(representations: {reference}) {{ ... on {type_name} {{ {selection} }} }} }}"


def test_the_policies_are_where_the_gateway_looks() -> None:
    """The policy folder has the manifest that makes it a bundle."""
    assert json.loads((POLICIES / ".manifest").read_text("utf-8"))["roots"] == ["directory"]
