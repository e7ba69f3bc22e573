"""What an operation uses of an allowance follows from the plan and its arguments alone."""

import contextlib
from dataclasses import dataclass
from typing import Any

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


@dataclass
class Noting(fakes.FakeReader):
    """A graph that counts how often it was read."""

    reads: int = 0

    async def read(self, statement: Any, reading: Any) -> Any:
        """No row, and one read more."""
        self.reads += 1
        return await super().read(statement, reading)


@pytest.mark.anyio
async def test_nothing_is_shown_before_it_is_counted() -> None:
    """Where much is left the graph is read while the use is counted, but a count that fails refuses all the same."""
    recorder, meter = fakes.FakeRecorder(), fakes.FakeMeter(ample=True)
    line = fakes.pipeline(recorder, reader=(reader := Noting()), meter=meter)
    asked = Ask("{ me { id } }", None, {}), "account-1", Access("identify-needs", "why")
    await line.answer(*asked)
    reader.reads = 0
    meter.failure = Refusal("RATE_LIMITED")
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await line.answer(*asked)
    told = recorder.entries[-1]
    assert (reader.reads, told.codes, told.outcome, told.disclosed) == (1, ("RATE_LIMITED",), "refused", ())


@pytest.mark.anyio
async def test_nothing_is_planned_before_it_is_counted() -> None:
    """However much is left, the graph gets no new shape of statement before its use is counted."""

    async def never() -> None:
        raise AssertionError("the graph was asked")

    recorder, meter = fakes.FakeRecorder(), fakes.FakeMeter(ample=True)
    line = fakes.pipeline(recorder, reader=fakes.FakeReader(before=never), meter=meter)
    await line.documents.learn("{ me { id } }", None)
    meter.failure = Refusal("RATE_LIMITED")
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await line.answer(Ask("{ me { id } }", None, {}), "account-1", Access("identify-needs", "why"))
    assert [entry.codes for entry in recorder.entries] == [("RATE_LIMITED",)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "fails",
    [
        lambda _account, uses: "unknown" in uses,
        lambda account, uses: account == "b" and "records" in uses,
        lambda account, uses: account == "account-1" and "records" in uses,
    ],
    ids=["what was not found", "whom it is asked for", "whoever asks"],
)
async def test_each_bill_is_settled_before_anything_is_shown(fails: Any) -> None:
    """Whichever of an operation's counts says no, however much was left before, nothing is shown."""
    recorder, meter = fakes.FakeRecorder(), fakes.FakeMeter(ample=True)
    line = fakes.pipeline(recorder, meter=meter)
    asked = Ask('{ child(id: "1") { id } }', None, {}), "account-1"
    access = Access("identify-needs", "why", on_behalf_of="b", mediated=True)
    await line.answer(*asked, access)
    meter.failure, meter.fails = Refusal("RATE_LIMITED"), fails
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await line.answer(*asked, access)
    assert recorder.entries[-1].codes == ("RATE_LIMITED",)


@pytest.mark.anyio
@pytest.mark.parametrize("known", [True, False])
async def test_nothing_is_worked_out_for_a_request_too_many(known: bool) -> None:
    """Whoever sends too many requests has no new document parsed, no new shape planned, and nothing shown."""

    async def never() -> None:
        raise AssertionError("the graph was asked")

    recorder, meter = fakes.FakeRecorder(), fakes.FakeMeter(ample=True)
    line = fakes.pipeline(recorder, reader=fakes.FakeReader(before=never), meter=meter)
    if known:
        await line.documents.learn("{ me { id } }", None)
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await line.answer(
            Ask("{ me { id } }", None, {}), "a", Access("identify-needs", "why"), fakes.FakeBill(over={"account": 1})
        )
    assert line.documents.knows("{ me { id } }", None) == known


@pytest.mark.anyio
async def test_where_little_is_left_it_is_counted_first() -> None:
    """Where little is left, nothing is read before the count says that it may be, however well known the question."""
    meter = fakes.FakeMeter()
    line = fakes.pipeline(fakes.FakeRecorder(), reader=(reader := Noting()), meter=meter)
    asked = Ask("{ me { id } }", None, {}), "account-1", Access("identify-needs", "why")
    await line.answer(*asked)
    meter.failure = Refusal("RATE_LIMITED")
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await line.answer(*asked)
    assert reader.reads == 1
