"""The trail as GraphQL: asked for one purpose, in one's own authority, and recorded before the archive is read."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from strawberry import ID

from gateway.trail.pipeline import PURPOSE, Scope, TrailPipeline
from gateway.trail.schema import Trail, TrailAccess, TrailRecord, TrailWithheld
from resolvers.model import Access, Ask
from resolvers.pipeline import Pipeline
from resolvers.refusals import Refusal
from tests.fakes import FakeBill, FakeDecider, FakeMeter, FakeRecorder, account, down, pipeline

THREADS = ThreadPoolExecutor(1)
ACCESS = Access(PURPOSE, "a complaint")
HISTORY = """query H {
  history(child: "c", since: "2026-01-01") {
    more accesses { receipt at records { id shown withheld { field reason } } }
  }
}"""
GENDER = TrailWithheld(field="gender", reason="X")
RECORD = TrailRecord(path="child", type="Child", id=ID("c"), child=ID("c"), shown=["number"], withheld=[GENDER])
FOUND = Trail(
    until="2026-03-02T12:00:01+00:00",
    purged=None,
    more=False,
    accesses=[
        TrailAccess(
            receipt=ID("r"),
            at="2026-03-02T12:00:00.000+00:00",
            outcome="answered",
            codes=[],
            account=ID("a"),
            organisation=ID("o"),
            purpose="safeguarding",
            client=None,
            trace=None,
            records=[RECORD],
        )
    ],
)


@dataclass
class Archive:
    """An archive that finds one thing, and remembers what it was asked when how much was recorded."""

    recorder: FakeRecorder
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    failure: Exception | None = None

    async def history(self, *asked: Any) -> Trail:
        """Who saw a child's record."""
        return self._found("history", *asked)

    async def trail(self, *asked: Any) -> Trail:
        """What an account asked for."""
        return self._found("trail", *asked)

    def _found(self, *asked: Any) -> Trail:
        if self.failure:
            raise self.failure
        self.asked.append((*asked, len(self.recorder.entries)))
        return FOUND


@dataclass
class Live:
    """The directory under one policy."""

    pipeline: Pipeline

    async def current(self) -> Pipeline:
        """The pipeline."""
        return self.pipeline

    async def refuse(self, *refused: Any) -> Refusal:
        """Record a refusal."""
        return await self.pipeline.refuse(*refused)


@dataclass
class Asking:
    """A pipeline over fakes."""

    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    decider: FakeDecider = field(default_factory=FakeDecider)

    def __post_init__(self) -> None:
        self.archive = Archive(self.recorder)

    async def ask(self, text: str = HISTORY, access: Access = ACCESS, **variables: Any) -> Any:
        """Ask."""
        own = TrailPipeline(Live(pipeline(self.recorder, decider=self.decider)), self.archive, THREADS)
        return await own.answer(Ask(text, None, variables), "a", access)

    async def refused(self, text: str = HISTORY, access: Access = ACCESS, **variables: Any) -> tuple[str, ...]:
        """The codes of a question that must be refused, which is recorded, with the archive untouched."""
        with pytest.raises(Refusal) as caught:
            await self.ask(text, access, **variables)
        assert self.recorder.last.codes == caught.value.codes
        assert not self.archive.asked
        return caught.value.codes


async def test_a_question_is_recorded_before_the_archive_is_read() -> None:
    """The one record names the question, its arguments and the asker, and is there before the archive is asked."""
    asking = Asking()
    answer = await asking.ask()
    (entry,) = asking.recorder.entries
    assert (entry.account, entry.access, entry.outcome) == ("a", ACCESS, "answered")
    assert entry.arguments == [("history", {"child": "c", "since": "2026-01-01", "until": None})]
    assert (answer.receipt, answer.revision) == (entry.receipt, entry.revision)
    me = account("a")
    assert asking.archive.asked == [("history", Scope(me.area, me.organisation), "c", "2026-01-01", None, 1)]


async def test_an_answer_has_what_was_asked_for() -> None:
    """The answer holds the selected fields alone, under the client's names, for each of several questions."""
    answer = await Asking().ask(
        "query($w: ID!) { one: history(child: $w) { more } __typename"
        " two: trail(account: $w) { accesses { who: account } } }",
        w="x",
    )
    assert answer.data == {"one": {"more": False}, "__typename": "Query", "two": {"accesses": [{"who": "a"}]}}
    records = (await Asking().ask()).data["history"]["accesses"][0]["records"]
    assert records == [{"id": "c", "shown": ["number"], "withheld": [{"field": "gender", "reason": "X"}]}]


@pytest.mark.parametrize("purpose", [None, "safeguarding", "subject-access"])
async def test_the_trail_has_one_purpose(purpose: str | None) -> None:
    """For any other purpose the trail is refused, and the attempt recorded."""
    assert await Asking().refused(access=Access(purpose, "a complaint")) == ("PURPOSE_NOT_HERE",)


async def test_the_trail_is_read_for_oneself() -> None:
    """Nobody reads the trail on another's behalf, however good that person's token is."""
    for other in ("b", None):
        access = Access(PURPOSE, "a complaint", on_behalf_of=other, mediated=True)
        assert await Asking().refused(access=access) == ("MEDIATION_NOT_HERE",)


async def test_a_new_document_is_paid_for_before_it_is_read() -> None:
    """A document that is not at hand uses an allowance before it is parsed, a wrong one each time; a known one none."""
    meter = FakeMeter()
    own = TrailPipeline(Live(pipeline(FakeRecorder(), meter=meter)), Archive(FakeRecorder()), THREADS)
    for text in (HISTORY, HISTORY, "{", "{"):
        with contextlib.suppress(Refusal):
            await own.answer(Ask(text, None, {}), "a", ACCESS)
    assert [uses for uses in meter.spent if "documents" in uses] == [{"documents": 1}] * 3


async def test_a_request_too_many_asks_the_archive_nothing() -> None:
    """A question whose request turns out to be one too many is refused and recorded, known as its document may be."""
    recorder, archive = FakeRecorder(), Archive(FakeRecorder())
    own = TrailPipeline(Live(pipeline(recorder)), archive, THREADS)
    await own.answer(Ask(HISTORY, None, {}), "a", ACCESS)
    asked = len(archive.asked)
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await own.answer(Ask(HISTORY, None, {}), "a", ACCESS, FakeBill(over={"account": 1}))
    assert (recorder.last.codes, len(archive.asked)) == (("RATE_LIMITED",), asked)


async def test_policy_decides_who_may_ask() -> None:
    """Whom policy refuses learns nothing of the trail."""
    asking = Asking()
    asking.decider.refusals = ("PURPOSE_NOT_FOR_ROLE",)
    assert await asking.refused() == ("PURPOSE_NOT_FOR_ROLE",)


async def test_nothing_is_answered_without_a_record() -> None:
    """When the question cannot be recorded, the archive is not read."""
    asking = Asking(down())
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await asking.ask()
    assert not asking.archive.asked


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ child(id: 1) { number } }", "VALIDATION_FAILED"),
        ("{", "PARSE_FAILED"),
        ('{ history(child: "c", since: "yesterday") { more } }', "VALIDATION_FAILED"),
        ("query($w: ID!) { history(child: $w) { more } }", "VARIABLES_INVALID"),
        ("{" + " ".join(f'q{n}: history(child: "{n}") {{ more }}' for n in range(4)) + "}", "OPERATION_TOO_LARGE"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(text: str, code: str) -> None:
    """What is not a question to the trail, or is too many, is refused and recorded."""
    assert await Asking().refused(text) == (code,)


async def test_the_schema_is_for_those_whom_policy_lets_read_it() -> None:
    """The trail's schema is answered to whom policy allows, and refused to others."""
    asking = Asking()
    answer = await asking.ask("{ __schema { queryType { name } } }")
    assert answer.data == {"__schema": {"queryType": {"name": "Query"}}}
    asking.decider.schema = False
    assert await asking.refused("{ __schema { queryType { name } } }") == ("SCHEMA_NOT_FOR_ROLE",)


async def test_an_archive_that_fails_shows_nothing() -> None:
    """If the archive does not answer, nothing is shown; that it was asked is on record."""
    asking = Asking()
    asking.archive.failure = Refusal("ARCHIVE_UNAVAILABLE")
    with pytest.raises(Refusal, match="ARCHIVE_UNAVAILABLE"):
        await asking.ask()
    assert asking.recorder.last.outcome == "answered"
