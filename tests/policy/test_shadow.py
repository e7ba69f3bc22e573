"""Shadow mode: a candidate decides beside the policy in force, is compared with it, and changes nothing."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from audit.event import opened
from gateway.metrics import Compared
from gateway.policy.files import PolicyFiles, read_policies
from gateway.policy.rego import RegoDecider
from gateway.policy.shadow import _MOST, Candidate, Shadowing
from gateway.workbench.opa import Opa
from resolvers.decide import Decisions
from resolvers.model import Answer, Ask, Entry
from resolvers.ports import Decider, Shadow, Verdict
from resolvers.refusals import Refusal
from tests.conftest import POLICIES
from tests.policy.conftest import Edit
from tests.policy.living import stocked
from tests.policy.signed import Signer
from tests.scripted import ACCESS, World, row
from tests.unit.test_metrics import scraped

FILES = read_policies(POLICIES)
OPEN, SHIELDED = "open|true|none", "shielded|true|none"
QUERY = Ask('{ child(id: "c") { givenName address { postcode } } }', None, {})
SCHEMA = Ask("{ __schema { queryType { name } } }", None, {})


def child(key: str) -> World:
    """A world with one child of a class, as a social worker meets her."""
    return World(rows={"Child": [[key, *row("Child", "c", givenName="Isla", address=["", "", "AB1 2CD", ""])[1:]]]})


@dataclass
class Line:
    """A pipeline under the real policies, with a candidate beside it.

    Attributes:
        world: what it reads and records.
        shadow: the candidate.
    """

    world: World
    shadow: Shadow

    async def ask(self, ask: Ask = QUERY, purpose: str = "coordinate-services") -> Entry:
        """Ask, which must give the answer or refusal that it gives without a candidate; what is recorded."""
        decisions, alone = Decisions(RegoDecider(FILES), FILES.classes), replace(self.world, entries=[])
        plain = replace(alone.pipeline, decisions=decisions)
        beside = replace(self.world.pipeline, decisions=decisions, shadow=self.shadow)
        told = []
        for pipeline in (plain, beside):
            try:
                answer: Answer | tuple[str, ...] = await pipeline.answer(ask, "a", replace(ACCESS, purpose=purpose))
                told.append(replace(answer, receipt="") if isinstance(answer, Answer) else answer)
            except Refusal as refusal:
                told.append(refusal.codes)
        assert told[0] == told[1]
        (entry,), (own,) = alone.entries, self.world.entries[-1:]
        assert replace(own, shadow=None, receipt="", at="") == replace(entry, receipt="", at="")
        assert entry.shadow is None
        assert "shadow" not in opened(entry)
        return own

    async def twice(self, ask: Ask = QUERY, purpose: str = "coordinate-services") -> Mapping[str, Any]:
        """What is recorded of a candidate that has had time to decide."""
        await self.ask(ask, purpose)
        assert isinstance(self.shadow, Candidate)
        await self.shadow.settled()
        found = (await self.ask(ask, purpose)).shadow
        assert found is not None
        return found


def beside(key: str, candidate: PolicyFiles, decider: Decider | None = None) -> Line:
    """A candidate beside the policies, where a child of a class is asked about."""
    return Line(child(key), Candidate(candidate, decider or RegoDecider(candidate), Compared()))


def difference(field_name: str, before: str, after: str, key: str = OPEN) -> dict[str, Any]:
    """A difference about one child, as it is recorded."""
    told = {"type": "Child", "class": key, "field": field_name, "before": before, "after": after}
    return {**told, "records": 1}


async def test_the_same_policies_differ_in_nothing() -> None:
    """A candidate that says the same is recorded as that, with its revision."""
    found = await beside(OPEN, replace(FILES, revision="next")).twice()
    assert found == {"revision": "next", "undetermined": None, "differences": []}


async def test_what_would_be_withheld_or_shown_is_recorded(folder: Path, edit: Edit) -> None:
    """A field that the candidate would withhold, or show, is recorded with class and both sides, and no value."""
    edit("directory/roles/data.json", '"address", ', "")
    closed = await beside(OPEN, read_policies(folder)).twice()
    assert closed["differences"] == [difference("address", "shown", "ROLE")]
    edit("directory/shielding/data.json", '"number", "givenName"', '"number", "address", "givenName"')
    both = await beside(SHIELDED, read_policies(folder)).twice()
    assert both["differences"] == [difference("address", "SHIELDED", "ROLE", SHIELDED)]


async def test_a_refusal_is_compared_too(folder: Path, edit: Edit) -> None:
    """An access that the candidate alone would refuse, or alone would let in, is a difference of the whole access."""
    edit("directory/purposes/data.json", '"coordinate-services"', '"coordinate"')
    line = beside(OPEN, read_policies(folder))
    whole = {"type": "Access", "class": "", "field": "allowed", "records": 1}
    assert (await line.twice())["differences"] == [{**whole, "before": "shown", "after": "PURPOSE_UNKNOWN"}]
    found = await line.twice(purpose="coordinate")
    assert found["differences"] == [{**whole, "before": "PURPOSE_UNKNOWN", "after": "shown"}]
    assert found["undetermined"] == "unseen"
    assert (await line.twice(purpose="curiosity"))["differences"] == []


async def test_who_may_read_the_schema_is_compared(folder: Path, edit: Edit) -> None:
    """That the candidate would let somebody read the schema who may not is a difference."""
    edit("directory/introspection/data.json", '"data-manager"', '"data-manager", "social-worker"')
    found = await beside(OPEN, read_policies(folder)).twice(SCHEMA)
    assert [(each["before"], each["after"]) for each in found["differences"]] == [("SCHEMA_NOT_FOR_ROLE", "shown")]


async def test_other_records_are_undetermined(folder: Path, edit: Edit) -> None:
    """Where the candidate might have met other records, that is said to be unseen, and never guessed."""
    edit("directory/shielding/data.json", '"dateOfBirth", "carers"', '"dateOfBirth", "carers", "involvements"')
    assert (await beside(SHIELDED, read_policies(folder)).twice())["undetermined"] == "unseen"
    assert (await beside(SHIELDED, FILES).twice())["undetermined"] is None


@dataclass
class Odd:
    """A candidate that does something else than decide.

    Attributes:
        does: what it does.
        asked: how often it was asked.
    """

    does: Callable[[], Any]
    asked: int = field(default=0)

    async def revision(self) -> str:
        """Its revision."""
        return "odd"

    async def decide(self, question: Mapping[str, Any]) -> Verdict:  # noqa: ARG002 - a port
        """Do it."""
        self.asked += 1
        done = self.does()
        return Verdict(await done if asyncio.iscoroutine(done) else done, "odd")


def _raises(error: Exception) -> Callable[[], Any]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    "does",
    [
        _raises(Refusal("POLICY_UNAVAILABLE")),
        _raises(RecursionError()),
        lambda: None,
        lambda: {"allowed": True, "refusals": [], "capacity": {"schema": True}, "grants": 7, "x": object()}["x"],
    ],
)
async def test_a_candidate_that_fails_changes_nothing(does: Callable[[], Any]) -> None:
    """A candidate that refuses, raises or answers nonsense is recorded as having failed; the answer is the same."""
    found = await beside(OPEN, FILES, Odd(does)).twice()
    assert found == {"revision": FILES.revision, "undetermined": "failed", "differences": []}


async def test_a_candidate_that_grants_nonsense_opens_nothing() -> None:
    """A candidate whose grants are not as agreed is taken to show nothing, and compared as that."""
    odd = Odd(lambda: {"allowed": True, "refusals": [], "capacity": {"schema": True}, "grants": {"Child:x": 7}})
    found = await beside(OPEN, FILES, odd).twice()
    assert difference("address", "shown", "invisible") in found["differences"]


async def test_nothing_waits_for_a_candidate() -> None:
    """A candidate that has not decided when the record is made is late; the answer does not wait, nor do the others."""
    go = asyncio.Event()

    async def wait() -> Mapping[str, Any]:
        await go.wait()
        return RegoDecider(FILES).ask({})

    odd = Odd(wait)
    line = beside(OPEN, FILES, odd)
    for _ in range(3):
        entry = await line.ask()
        assert entry.shadow is not None
        assert entry.shadow["undetermined"] == "late"
    assert odd.asked == 1
    for number in range(2 * _MOST):
        await line.ask(purpose=f"purpose {number}")
    assert odd.asked == _MOST
    go.set()
    assert isinstance(line.shadow, Candidate)
    await line.shadow.settled()
    await line.shadow.aclose()


async def test_a_comparison_that_fails_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the comparison itself fails, that is recorded, and the answer is the same."""
    line = beside(OPEN, FILES)
    await line.ask()
    assert isinstance(line.shadow, Candidate)
    await line.shadow.settled()
    monkeypatch.setattr("gateway.policy.shadow.judge", lambda *_, **__: 1 / 0)
    found = (await line.ask()).shadow
    assert found == {"revision": FILES.revision, "undetermined": "failed", "differences": []}


async def test_a_candidate_that_goes_asks_no_more() -> None:
    """A candidate that is taken away while it decides is asked no more, and nothing of it is left."""
    line = beside(OPEN, FILES, Odd(asyncio.Event().wait))
    await line.ask()
    assert isinstance(line.shadow, Candidate)
    await asyncio.wait_for(line.shadow.aclose(), 5)
    assert line.shadow._asking == {}


async def test_differences_are_counted_without_names(folder: Path, edit: Edit) -> None:
    """The metrics count operations by outcome, and differences by roles, type, data class and turn, without a name."""
    edit("directory/roles/data.json", '"address", ', "")
    told = 'directory_shadow_differences_total{kind="address",roles="social-worker",'
    before = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in await scraped() if line[0] != "#"}
    await beside(OPEN, read_policies(folder)).twice()
    after = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in await scraped() if line[0] != "#"}
    grown = {name: after[name] - before.get(name, 0) for name in after if "shadow" in name and "created" not in name}
    assert {name: count for name, count in grown.items() if count} == {
        'directory_shadow_operations_total{outcome="late"}': 1,
        'directory_shadow_operations_total{outcome="differs"}': 1,
        f'{told}turn="closes",type="Child"}}': 1,
    }


@pytest.fixture(name="signer", scope="module")
def _signer(opa: Opa, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return stocked(opa, tmp_path_factory.mktemp("shadow") / "store")


async def shadowed(line: Line) -> str | None:
    """Which candidate decides, once a change has been taken."""
    assert isinstance(line.shadow, Shadowing)
    await line.ask()
    if line.shadow._changing:
        await line.shadow._changing
    found = (await line.ask()).shadow
    return found["revision"] if found else None


async def test_the_store_names_the_candidate(signer: Signer, caplog: pytest.LogCaptureFixture) -> None:
    """What the store names decides from then on, the next one after it, and none when it is taken away."""
    line, store = Line(child(OPEN), Shadowing(signer.store, Compared())), signer.store
    assert await shadowed(line) is None
    for revision in ("r1", "wide"):
        store.begin_shadow(revision, at="now", by="tester")
        assert await shadowed(line) == revision
    store.shadow.write_bytes(b"nonsense")
    caplog.set_level(logging.ERROR)
    for _ in range(3):
        assert await shadowed(line) is None
    assert len([each for each in caplog.records if "no candidate decides" in each.message]) == 1
    store.begin_shadow("r2", at="now", by="tester")
    assert await shadowed(line) == "r2"
    store.end_shadow(at="now", by="tester")
    assert await shadowed(line) is None
    assert [step.how for step in store.steps()] == [*["shadow"] * 3, "shadow off"]
    assert store.history() == []
    assert isinstance(line.shadow, Shadowing)
    await line.shadow.aclose()


async def test_a_candidate_is_signed_and_proved(signer: Signer) -> None:
    """What is not signed, or nobody proved, does not even decide aside; a second person need not have agreed."""
    store = signer.store
    for bad, why in (("unproved", "Nobody vouches"), ("absent", "holds no policy revision absent")):
        with pytest.raises(Exception, match=why):
            store.begin_shadow(bad, at="now", by="tester")
    store.begin_shadow("wide", at="now", by="tester")
    assert store.shadow_policies().revision == store.shadowed() == "wide"
    store.end_shadow(at="now", by="tester")
    with pytest.raises(Exception, match="No revision decides"):
        store.end_shadow(at="now", by="tester")
