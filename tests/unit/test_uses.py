"""What an operation uses of an allowance follows from the plan and its arguments alone."""

import contextlib

import pytest
from graphql.execution.values import VariableValues

from graph.compile import compile_statement
from resolvers.document import Documents
from resolvers.model import Access, Ask, SearchRules
from resolvers.plan import Plans
from resolvers.read import check_bounds, inputs_of
from resolvers.refusals import Refusal
from resolvers.uses import Shapes, uses_of
from tests import fakes

RULES = SearchRules((frozenset({"familyName", "dateOfBirth"}),), 5)
FIND = 'findChildren(by: {familyName: "a", dateOfBirth: "2010-01-01"}) { tooMany }'


def used(query: str) -> dict[str, int]:
    """What a query uses, when its shapes are known."""
    nothing = VariableValues({}, {})
    plan = Plans().plan(Documents().operation(query, None), nothing)
    check_bounds(plan, plan.given(nothing), 100)
    return dict(uses_of(inputs_of(plan, plan.given(nothing), RULES), []))


def test_every_record_asked_for_counts() -> None:
    """Each id and each search of an operation counts, under whatever alias; an operation without any counts as one."""
    assert used("{ me { id } }") == {"records": 1}
    assert used('{ a: child(id: "1") { id } b: child(id: "2") { id } }') == {"records": 2}
    assert used(f"{{ {FIND} }}") == {"records": 1, "searches": 1}
    references = ", ".join(f'{{__typename: "Child", id: "{number}"}}' for number in range(40))
    assert used(f"{{ _entities(representations: [{references}]) {{ ... on Child {{ id }} }} }}") == {"records": 40}


def test_an_alias_flood_of_searches_is_refused() -> None:
    """One operation holds three searches at most, so that no list of dates of birth is walked at once."""
    flood = " ".join(f"s{n}: {FIND.replace('2010-01-01', f'2010-01-0{n}')}" for n in range(1, 5))
    with pytest.raises(Refusal, match="OPERATION_TOO_LARGE"):
        used(f"{{ {flood} }}")


def test_a_shape_is_new_until_it_was_sent() -> None:
    """A statement's shape counts as new until it has been sent once, whatever the client calls its fields."""
    shapes, plans, inputs = Shapes(), Plans(), {0: ["1"]}
    first = plans.plan(Documents().operation('{ child(id: "1") { id } }', None), VariableValues({}, {}))
    again = plans.plan(Documents().operation('{ x: child(id: "2") { y: gender } }', None), VariableValues({}, {}))
    assert len(shapes.new(first, inputs)) == 1
    shapes.sent(shapes.new(first, inputs))
    assert shapes.new(again, inputs) == []


def test_shapes_are_as_many_as_texts() -> None:
    """A search by date, one by postcode and a mediated one are shapes of their own, as they are texts of their own."""
    plan = Plans().plan(Documents().operation(f"{{ {FIND} }}", None), VariableValues({}, {}))
    (part,) = plan.parts
    dated, placed = {part.number: {"dateOfBirth": "2010-01-01"}}, {part.number: {"postcode": "ZZ1 1ZZ"}}
    ways = [(inputs, mediated) for inputs in (dated, placed) for mediated in (False, True)]
    new = [Shapes().new(plan, inputs, mediated=mediated) for inputs, mediated in ways]
    texts = {
        compile_statement(statement, statement.kinds(inputs), mediated)
        for (statement,) in plan.stages
        for inputs, mediated in ways
    }
    assert len({shape for shapes in new for shape in shapes}) == len(texts) == len(ways)


def test_what_was_sent_is_new_to_a_graph_that_was_lost() -> None:
    """Once the graph was lost, every shape counts as new again."""
    shapes = Shapes()
    plan = Plans().plan(Documents().operation('{ child(id: "1") { id } }', None), VariableValues({}, {}))
    new = shapes.new(plan, {0: ["1"]})
    shapes.sent(new)
    shapes.forget()
    assert shapes.new(plan, {0: ["1"]}) == new != []


@pytest.mark.anyio
async def test_a_document_is_paid_for_before_it_is_read() -> None:
    """A document that is not at hand is paid for before it is parsed, and one that is wrong each time."""
    meter = fakes.FakeMeter()
    line = fakes.pipeline(fakes.FakeRecorder(), meter=meter)
    for text in ("{ me { id } }", "{ me { id } }", "{", "{"):
        with contextlib.suppress(Refusal):
            await line.answer(Ask(text, None, {}), "account-1", Access("identify-needs", "why"))
    assert sum(uses.get("documents", 0) for uses in meter.spent) == 3


@pytest.mark.anyio
async def test_a_spent_allowance_refuses_before_anything_is_decided_or_read() -> None:
    """When the allowance is used up, the operation is refused and recorded, and neither policy nor graph is asked."""

    async def never() -> None:
        raise AssertionError("the graph was read")

    recorder, meter = fakes.FakeRecorder(), fakes.FakeMeter(failure=Refusal("RATE_LIMITED"))
    line = fakes.pipeline(recorder, reader=fakes.FakeReader(before=never), meter=meter)
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await line.answer(Ask("{ me { id } }", None, {}), "account-1", Access("identify-needs", "why"))
    assert [entry.codes for entry in recorder.entries] == [("RATE_LIMITED",)]
