"""The answer: the client's shape and order, filled from the rows; null where there is nothing to see."""

import inspect
import json
from typing import Any

import pytest

from resolvers import form
from resolvers.model import Ask
from schema.query import FEDERATED
from tests.scripted import ACCESS, World, one_child, row

ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) {
  __typename ... on Child { id number } ... on Service { id s: name }
} }"""


async def test_entities_come_in_the_routers_order() -> None:
    """Each representation gets its record in its place: twice if named twice, null if there is none to see."""
    world = World(
        rows={"Child": [row("Child", "1", number="one"), row("Child", "2")], "Service": [row("Service", "1")]}
    )
    keys = [("Child", "2"), ("Service", "1"), ("Child", "0"), ("Child", "1"), ("Child", "2"), ("Account", "1")]
    answer = await world.ask(ENTITIES, {"r": [{"__typename": name, "id": known} for name, known in keys]})
    assert json.dumps(answer.data["_entities"]) == json.dumps(
        [
            {"__typename": "Child", "id": "2", "number": None},
            {"__typename": "Service", "id": "1", "s": None},
            None,
            {"__typename": "Child", "id": "1", "number": "one"},
            {"__typename": "Child", "id": "2", "number": None},
            None,
        ]
    )
    (reading,) = world.readings
    assert sorted(list(ids) for ids in reading.inputs.values() if ids) == [["1"], ["2", "0", "1"]]
    assert world.events.count("read") == 1


async def test_a_representation_contributes_type_and_id_alone() -> None:
    """What else a representation claims is neither shown, nor recorded, nor able to spoil the record."""
    forged = {"__typename": "Child", "id": "1", "number": "forged", "n": 10**30, "t": "\ud800", "deep": [[[]]]}
    world = World(rows={"Child": [row("Child", "1", number="one")]})
    answer = await world.ask(ENTITIES, {"r": [forged]})
    assert answer.data["_entities"] == [{"__typename": "Child", "id": "1", "number": "one"}]
    assert world.entries[0].arguments == [("_entities", {"representations": [{"__typename": "Child", "id": "1"}]})]


@pytest.mark.parametrize(
    "wrong", [{}, {"id": "1"}, {"__typename": "Child"}, {"__typename": "Child", "id": 1}, [], "1", 1]
)
async def test_what_is_no_representation_is_nobody(wrong: Any) -> None:
    """A representation without a type or a textual id is answered with null and asks the graph for nothing."""
    world = World()
    assert (await world.ask(ENTITIES, {"r": [wrong]})).data == {"_entities": [None]}
    assert all(not ids for ids in world.readings[0].inputs.values())


async def test_an_answer_is_bounded_however_often_it_tells_of_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many values as the limit says are answered, under whatever names; with one more the whole is refused."""
    rows = {"Child": [row("Child", str(n), number="n") for n in range(4)]}
    asked = {"r": [{"__typename": "Child", "id": str(n % 4)} for n in range(50)]}
    many = ENTITIES.replace("number", " ".join(f"n{alias}: number" for alias in range(10)))
    for text, values in ((ENTITIES, 50 * 4), (many, 50 * 13)):
        monkeypatch.setattr(form, "MAX_VALUES", values)
        assert len((await World(rows=rows).ask(text, asked)).data["_entities"]) == 50
        monkeypatch.setattr(form, "MAX_VALUES", values - 1)
        world = World(rows=rows)
        assert (await world.refused(text, asked)).codes == ("OPERATION_TOO_LARGE",)
        assert world.entries[-1].disclosed == ()


@pytest.mark.parametrize(
    ("text", "variables", "code"),
    [
        (ENTITIES, {"r": [{"__typename": "Child", "id": "1" * 201}]}, "IDENTIFIER_TOO_LONG"),
        (ENTITIES, {"r": [{"__typename": "C" * 201, "id": "1"}]}, "IDENTIFIER_TOO_LONG"),
        (ENTITIES, {"r": ["x" * 1000] * 101}, "TOO_MANY_REPRESENTATIONS"),
        ("query($i: ID!) { child(id: $i) { id } }", {"i": "1" * 201}, "IDENTIFIER_TOO_LONG"),
        (
            "query($b: ChildSearch!) { findChildren(by: $b) { tooMany } }",
            {"b": {"postcode": "1" * 101}},
            "SEARCH_TOO_LONG",
        ),
    ],
)
async def test_what_is_too_long_is_not_even_told(text: str, variables: dict[str, Any], code: str) -> None:
    """What is asked with too much or at too great a length is refused before it is looked at, and not recorded."""
    world = World()
    assert (await world.refused(text, variables)).codes == (code,)
    assert world.entries[-1].arguments == ()


async def test_too_many_representations_are_refused() -> None:
    """A hundred representations are answered; one more is refused before the graph is read."""
    many = [{"__typename": "Child", "id": f"{n}"} for n in range(101)]
    assert len((await World().ask(ENTITIES, {"r": many[1:]})).data["_entities"]) == 100
    world = World()
    assert (await world.refused(ENTITIES, {"r": many})).codes == ("TOO_MANY_REPRESENTATIONS",)
    assert "read" not in world.events


async def test_representations_are_counted_over_the_operation() -> None:
    """Two lists under two names count together: an alias is no way round the limit."""
    one = "_entities(representations: $r) { __typename }"
    text = f"query($r: [_Any!]!) {{ a: {one} b: {one} }}"
    half = [{"__typename": "Child", "id": f"{n}"} for n in range(51)]
    assert (await World().refused(text, {"r": half})).codes == ("TOO_MANY_REPRESENTATIONS",)
    assert (await World().ask(text, {"r": half[1:]})).data == {"a": [None] * 50, "b": [None] * 50}


@pytest.mark.parametrize("length", [1, 2, 100])
async def test_a_list_costs_the_same_whatever_its_length(length: int) -> None:
    """One decision, one statement and one record answer a list of representations, however long it is."""
    world = World()
    await world.ask(ENTITIES, {"r": [{"__typename": "Child", "id": f"{n}"} for n in range(length)]})
    assert [world.events.count(step) for step in ("decide", "read", "record")] == [1, 1, 1]
    assert len(world.entries) == 1


FIND = "query($by: ChildSearch!) { findChildren(by: $by) { __typename tooMany candidates { id } } }"
BY = {"familyName": "Lee", "dateOfBirth": "2019-01-01"}


@pytest.mark.parametrize("count", [0, 2, 3])
async def test_a_search_shows_a_few_or_says_too_many(count: int) -> None:
    """Up to the limit the candidates are shown; beyond it none are, neither in the answer nor in the record."""
    world = World(rows={"Child": [row("Child", f"{n}") for n in range(count)]})
    answer = await world.ask(FIND, {"by": BY})
    many = count > 2
    shown = None if many else [{"id": f"{n}"} for n in range(count)]
    assert answer.data == {"findChildren": {"__typename": "FoundChildren", "tooMany": many, "candidates": shown}}
    assert sum(len(each.ids) for each in world.entries[0].disclosed) == (0 if many else count)
    assert world.readings[0].limit == 3


@pytest.mark.parametrize("by", [{}, {"familyName": "Lee"}, {**BY, "familyName": ""}, {**BY, "dateOfBirth": None}])
async def test_a_vague_search_is_refused(by: dict[str, Any]) -> None:
    """A search without one of the combinations that policy names is refused, and an empty text is nothing given."""
    world = World()
    assert (await world.refused(FIND, {"by": by})).codes == ("SEARCH_TOO_VAGUE",)
    assert "read" not in world.events


async def test_introspection_beside_data_is_answered_whole() -> None:
    """Introspection, type names and data of one operation are answered together in the client's order."""
    world = one_child()
    answer = await world.ask(
        '{ a: __typename child(id: "c") { number } __schema { queryType { name } } _service { sdl } }'
    )
    assert list(answer.data) == ["a", "child", "__schema", "_service"]
    assert (answer.data["a"], answer.data["child"]["number"]) == ("Query", "N1")
    assert answer.data["__schema"] == {"queryType": {"name": "Query"}}


@pytest.mark.parametrize(
    "field", ["__schema { queryType { name } }", '__type(name: "Child") { name }', "_service { sdl }"]
)
@pytest.mark.parametrize("written", ["{ %s }", "{ me { id } x: %s }", "{ ...f } fragment f on Query { ... { %s } }"])
async def test_the_schema_is_read_by_those_whom_policy_allows(field: str, written: str) -> None:
    """Whatever reads the schema, however it is written, is refused and recorded where policy does not allow it."""
    text = written % field
    entry = await World(schema=False).refused(text)
    assert (entry.outcome, entry.codes) == ("refused", ("SCHEMA_NOT_FOR_ROLE",))
    assert await World().ask(text)


async def test_nothing_is_read_for_those_who_may_not_read_the_schema() -> None:
    """An operation that asks for the schema and for a record is refused before the record is read."""
    world = one_child()
    world.schema = False
    await world.refused('{ __schema { queryType { name } } child(id: "c") { number } }')
    assert "read" not in world.events


async def test_type_names_are_free() -> None:
    """The name of an answer's own type is no secret: everybody may ask for it, and for a schema that is skipped."""
    world = one_child()
    world.schema = False
    answer = await world.ask('{ __typename child(id: "c") { __typename } __schema @skip(if: true) { types { name } } }')
    assert answer.data == {"__typename": "Query", "child": {"__typename": "Child"}}


async def test_introspection_names_its_operation() -> None:
    """Of several operations that introspect, the one that was named is run."""
    text = 'query a { __schema { queryType { name } } } query b { __type(name: "Child") { name } }'
    answer = await World().pipeline.answer(Ask(text, "b", {}), "a", ACCESS)
    assert answer.data == {"__type": {"name": "Child"}}


async def test_entities_beside_introspection_are_answered_whole() -> None:
    """A router's list is answered in the same way when the executor completes the answer."""
    world = World(rows={"Child": [row("Child", "1", number="one")]})
    text = ENTITIES.replace("{ _entities", "{ __schema { queryType { name } } _entities")
    answer = await world.ask(text, {"r": [{"__typename": "Child", "id": known} for known in ("1", "2")]})
    assert answer.data["_entities"] == [{"__typename": "Child", "id": "1", "number": "one"}, None]


async def test_an_answer_that_the_executor_rejects_is_not_given() -> None:
    """Where the executor judges a value not to be the schema's, the whole operation fails and is recorded so."""
    world = World(rows={"Child": [row("Child", "c", dateOfBirth="yesterday")]})
    entry = await world.refused('{ __schema { queryType { name } } child(id: "c") { dateOfBirth } }')
    assert (entry.outcome, entry.codes) == ("failed", ("INTERNAL",))


def test_no_field_answers_by_itself() -> None:
    """A field that is declared with arguments has no answer of its own: only the pipeline fills it."""
    declared = [
        field
        for graphql_type in FEDERATED.schema_converter.type_map.values()
        for field in getattr(graphql_type.definition, "fields", ())
        if field.base_resolver and field.base_resolver.wrapped_func.__module__.startswith("schema")
    ]
    assert {field.name for field in declared} >= {"child", "find_children", "me", "involvements"}
    for field in declared:
        function = field.base_resolver.wrapped_func
        with pytest.raises(NotImplementedError):
            function(*[None] * len(inspect.signature(function).parameters))
