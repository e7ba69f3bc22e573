"""One request: in which order things happen, what is recorded, and that whatever fails shows nothing."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from audit.event import encode, opened
from resolvers import pipeline
from resolvers.accounts import Accounts
from resolvers.model import Ask
from resolvers.refusals import Refusal
from tests.fakes import FakeReader, account
from tests.scripted import ACCESS, CHILD, World, failing, one_child, row


async def test_an_operation_is_planned_decided_read_and_recorded_once() -> None:
    """An ordinary operation costs one decision, one statement and one append, in this order, then is answered."""
    world = one_child()
    answer = await world.ask()
    assert world.events == ["account", "revision", "decide", "read", "record"]
    withheld = {"withheld": [{"field": "gender", "reason": "ROLE"}]}
    assert answer.data == {"child": {"number": "N1", "gender": None, "access": withheld}}
    (entry,) = world.entries
    assert (answer.receipt, answer.revision) == (entry.receipt, entry.revision)


async def test_the_work_does_not_depend_on_the_data() -> None:
    """A record that is there, one that is not and one of two hundred cost the same calls."""
    seen = []
    for rows in ([], [row("Child", "c")], [row("Child", f"{n}") for n in range(200)]):
        world = World(rows={"Child": rows})
        await world.ask()
        seen.append(world.events)
    assert seen[0] == seen[1] == seen[2]


async def test_a_second_request_asks_the_graph_alone() -> None:
    """What is remembered of account and policy spares their calls; the read and the record happen each time."""
    world = one_child()
    same = world.pipeline
    for _ in range(2):
        await same.answer(Ask(CHILD, None, {}), "a", ACCESS)
    assert world.events[5:] == ["revision", "read", "record"]


async def test_a_record_says_who_asked_what_why_and_what_was_shown() -> None:
    """The record of an answer holds the account, the access, the question, the revision and each field's outcome."""
    world = one_child()
    await world.ask()
    (entry,) = world.entries
    assert (entry.outcome, entry.codes, entry.account, entry.organisation) == ("answered", (), "a", "organisation-1")
    assert (entry.access, entry.arguments) == (ACCESS, [("child", {"id": "c"})])
    assert entry.question == {
        "account": account("a").facts(),
        "access": {"purpose": "coordinate-services", "reason_given": True},
        "today": "2026-03-02",
    }
    (shown,) = entry.disclosed
    assert (shown.path, shown.ids, shown.shown, dict(shown.withheld)) == (
        "child",
        ("c",),
        ("number",),
        {"gender": "ROLE"},
    )


async def test_nothing_is_answered_without_a_record() -> None:
    """When the record fails there is no answer, and the refusal claims no receipt."""
    world = one_child()
    world.faults["record"] = failing(Refusal("AUDIT_UNAVAILABLE"))
    with pytest.raises(Refusal) as caught:
        await world.ask()
    assert (caught.value.code, caught.value.receipt) == ("AUDIT_UNAVAILABLE", None)


async def test_no_answer_leaves_before_its_record_is_durable() -> None:
    """While the stream has not confirmed the record, the answer is not given."""
    world, confirmed, written = one_child(), asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        written.set()
        await confirmed.wait()

    world.faults["record"] = wait
    asking = asyncio.create_task(world.ask())
    await written.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert not asking.done()
    confirmed.set()
    assert (await asking).receipt == world.entries[0].receipt


async def test_a_refusal_that_cannot_be_recorded_is_the_streams() -> None:
    """When a refusal's record fails, what is said is that access cannot be recorded."""
    world = World(gate=lambda _: ["NO_ROLE"], faults={"record": failing(Refusal("AUDIT_UNAVAILABLE"))})
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await world.ask()


@pytest.mark.parametrize("where", ["account", "revision", "decide", "read"])
@pytest.mark.parametrize("code", ["GRAPH_UNAVAILABLE", "POLICY_UNAVAILABLE"])
async def test_a_ports_refusal_is_recorded_once(where: str, code: str) -> None:
    """Whichever port refuses, the operation is refused with its code and recorded once."""
    entry = await World(faults={where: failing(Refusal(code))}).refused()
    assert (entry.outcome, entry.codes) == ("refused", (code,))


@pytest.mark.parametrize("where", ["account", "revision", "decide", "read"])
@pytest.mark.parametrize(
    "kind", [ValueError, KeyError, RuntimeError, OSError, RecursionError, MemoryError, TimeoutError]
)
async def test_any_fault_is_recorded_without_details(
    where: str, kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever else happens in a port, the operation fails as INTERNAL, once recorded, and its message goes nowhere."""
    world = World(faults={where: failing(kind("Ada Lovelace"))})
    entry = await world.refused()
    assert (entry.outcome, entry.codes) == ("failed", ("INTERNAL",))
    assert b"Lovelace" not in encode(opened(entry))
    assert "Lovelace" not in caplog.text
    assert entry.receipt in caplog.text
    assert kind.__name__ in caplog.text


async def test_rows_of_a_wrong_shape_show_nothing() -> None:
    """Rows that do not fit the plan are a fault: nothing is shown."""
    entry = await World(rows={"Child": [["k"]]}).refused()
    assert entry.codes == ("INTERNAL",)


@pytest.mark.parametrize(
    ("text", "variables", "code"),
    [
        ("{", {}, "PARSE_FAILED"),
        ("{ nothing }", {}, "VALIDATION_FAILED"),
        ("query a { me { id } } query b { me { id } }", {}, "OPERATION_NAME"),
        ("query($id: ID!) { child(id: $id) { id } }", {}, "VARIABLES_INVALID"),
        ('query($id: ID = "a") { child(id: $id) { id } }', {"id": None}, "VARIABLES_INVALID"),
        ("query($no: Boolean = true) { me @skip(if: $no) { id } }", {"no": None}, "VARIABLES_INVALID"),
        ("query($no: Boolean = true) { me { id @include(if: $no) } }", {"no": None}, "VARIABLES_INVALID"),
    ],
)
async def test_a_mistake_is_recorded_before_anything_is_done(text: str, variables: Any, code: str) -> None:
    """What does not fit is refused and recorded, and of the graph nothing is asked but whose account it is."""
    world = World()
    entry = await world.refused(text, variables)
    assert (entry.outcome, entry.codes) == ("refused", (code,))
    assert world.events == ["account", "record"]


async def test_a_changed_account_is_asked_for_once_more() -> None:
    """When the account has changed since it was known, its facts are read anew and the operation is answered."""
    world = one_child()
    world.versions = 1
    same = world.pipeline
    assert (await same.answer(Ask(CHILD, None, {}), "a", ACCESS)).data["child"]
    assert world.events == ["account", "revision", "decide", "read", "account", "revision", "read", "record"]


async def test_an_account_that_keeps_changing_is_refused() -> None:
    """When the account has changed again by the second read, the operation is refused and recorded once."""
    world = one_child()
    world.versions = 2
    entry = await world.refused()
    assert entry.codes == ("ACCOUNT_CHANGED",)
    assert world.events.count("read") == 2


async def test_what_is_remembered_of_a_refused_account_is_checked() -> None:
    """An account that is remembered as suspended is read again before it is refused, and let in if it is not."""
    world = one_child()
    world.gate = lambda facts: ["ACCOUNT_SUSPENDED"] if facts["suspended"] else []
    world.who = replace(account("a"), suspended=True)
    same = world.pipeline
    with pytest.raises(Refusal, match="ACCOUNT_SUSPENDED"):
        await same.answer(Ask(CHILD, None, {}), "a", ACCESS)
    world.who = account("a")
    assert (await same.answer(Ask(CHILD, None, {}), "a", ACCESS)).data["child"]
    assert [entry.outcome for entry in world.entries] == ["refused", "answered"]


async def test_a_suspension_that_the_read_finds_is_refused() -> None:
    """When the read finds the account changed and it turns out to be suspended, the gate's code is what is said."""
    world = one_child()
    world.gate = lambda facts: ["ACCOUNT_SUSPENDED"] if facts["suspended"] else []

    async def suspend() -> None:
        world.versions, world.who = 1, replace(account("a"), suspended=True)

    world.faults["read"] = suspend
    entry = await world.refused()
    assert (entry.codes, world.events.count("read")) == (("ACCOUNT_SUSPENDED",), 1)


async def test_an_unknown_account_is_recorded() -> None:
    """An account that the directory does not have is refused and recorded by the name it gave."""
    world = World()
    with pytest.raises(Refusal, match="ACCOUNT_UNKNOWN"):
        await replace(world.pipeline, accounts=Accounts(FakeReader(unknown=frozenset("z")))).answer(
            Ask(CHILD, None, {}), "z", ACCESS
        )
    assert (world.entries[0].account, world.entries[0].codes) == ("z", ("ACCOUNT_UNKNOWN",))


async def test_a_refusal_before_the_operation_is_recorded() -> None:
    """What the edge refuses before there is an operation is recorded with what was known."""
    world = World()
    refusal = await world.pipeline.refuse(None, None, ACCESS, Refusal("UNAUTHENTICATED"))
    (entry,) = world.entries
    assert (entry.outcome, entry.codes, entry.operation, entry.account) == ("refused", ("UNAUTHENTICATED",), None, None)
    assert refusal.receipt == entry.receipt


async def test_auditors_find_what_was_refused() -> None:
    """Whatever is refused, at the edge too, is recorded with the organisation and area of whoever asked."""
    world, me = World(), account("a")
    await world.pipeline.refuse(None, "a", ACCESS, Refusal("RATE_LIMITED"))
    with pytest.raises(Refusal, match="PARSE_FAILED"):
        await world.ask("{")
    assert [(entry.organisation, entry.area) for entry in world.entries] == [(me.organisation, me.area)] * 2


async def test_a_refusal_does_not_wait_for_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph that hangs keeps no refusal from being recorded, without the place of whoever asked."""
    monkeypatch.setattr(pipeline, "_PLACE_SECONDS", 0.01)
    never = asyncio.Event()

    async def hang() -> None:
        await never.wait()

    world = World(faults={"account": hang})
    refusal = await world.pipeline.refuse(None, "a", ACCESS, Refusal("DEADLINE"))
    (entry,) = world.entries
    assert (entry.receipt, entry.account, entry.organisation) == (refusal.receipt, "a", None)
