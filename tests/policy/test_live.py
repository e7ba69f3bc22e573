"""The policy in force changes under running requests: at once, for everybody, and for nobody halfway."""

import asyncio
from dataclasses import replace

import pytest

from gateway.policy.files import PolicyError, read_policies
from gateway.policy.live import NOBODY, Fixed, Loaded, Watched
from gateway.policy.opa import LEASE
from gateway.policy.rego import RegoDecider
from gateway.workbench.opa import Opa
from resolvers.refusals import Refusal
from tests.conftest import POLICIES
from tests.fakes import FakeBill, FakeReader, FakeRecorder
from tests.policy.living import ACCESS, ASK, live, revision, stocked
from tests.policy.signed import Signer, empty_store


@pytest.fixture(name="signer", scope="module")
def _signer(opa: Opa, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return stocked(opa, tmp_path_factory.mktemp("live") / "store")


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def test_whoever_asks_after_a_change_gets_the_new_revision(signer: Signer) -> None:
    """In process, the first request after a revision went live is decided by it, forth and back."""
    signer.live("r1")
    source = Watched(signer.store)
    for wanted in ("r1", "r2", "r1"):
        signer.live(wanted)
        policies, decider = await source.current()
        assert policies.revision == await decider.revision() == wanted
        assert (await decider.decide({})).revision == wanted


async def test_what_subjects_are_told_follows_the_policy_in_force(signer: Signer) -> None:
    """What a child is told of who saw their record is what the live revision says, not what a folder says."""
    signer.sign("later", "subjects/data.json", '"delay_days": 30', '"delay_days": 90')
    signer.live("r1")
    line = live(Watched(signer.store), FakeRecorder())
    found = {}
    for wanted in ("r1", "later"):
        signer.live(wanted)
        found[wanted] = (await line.policies()).subjects.delay.days
    assert found == {"r1": 30, "later": 90}


@pytest.mark.parametrize("bad", ["wide", "unproved", "nonsense"])
async def test_what_may_not_be_live_is_not_loaded(signer: Signer, bad: str, caplog: pytest.LogCaptureFixture) -> None:
    """A bundle that is no bundle, not proved or not agreed to is refused once, in the log; the one before stays."""
    signer.live("r1")
    source = Watched(signer.store)
    if bad == "nonsense":
        signer.store.live.write_bytes(b"nonsense")
    else:
        signer.live(bad)
    for _ in range(3):
        assert await revision(source) == "r1"
    assert len([record for record in caplog.records if "The revision before stays" in record.message]) == 1
    signer.live("r2")
    assert await revision(source) == "r2"


async def test_a_gateway_does_not_start_on_what_may_not_be_live(signer: Signer) -> None:
    """A gateway whose store has no live revision, or one that may not be, ends its start with a sentence."""
    signer.live("wide")
    with pytest.raises(PolicyError, match="second"):
        Watched(signer.store)
    with pytest.raises(PolicyError, match=r"No policy is live in .* directory policy activate"):
        Watched(empty_store(signer.store.folder / "fresh"))


async def test_the_plain_folder_is_in_force_until_something_is_live(signer: Signer, opa: Opa) -> None:
    """Where that is allowed, the plain folder is in force until the store has a live revision."""
    fresh = Signer(opa, empty_store(signer.store.folder / "plain"))
    fresh.sign("r1")
    files = read_policies(POLICIES)
    source = Watched(fresh.store, files)
    assert await revision(source) == files.revision
    fresh.live("r1")
    assert await revision(source) == "r1"


async def test_a_store_that_is_gone_confirms_nothing(signer: Signer) -> None:
    """A revision that cannot be confirmed is served for the length of a lease, then nothing is."""
    signer.live("r1")
    clock = Clock()
    source = Watched(signer.store, clock=clock)
    await source.current()
    signer.store.live.unlink()
    clock.now += LEASE
    assert await revision(source) == "r1"
    clock.now += 0.01
    with pytest.raises(Refusal) as caught:
        await source.current()
    assert caught.value.code == "POLICY_UNAVAILABLE"
    signer.live("r1")
    assert await revision(source) == "r1"


class Scripted:
    """A source whose policy is set by hand."""

    def __init__(self, *loaded: Loaded | Refusal) -> None:
        self.loaded = [*loaded]

    async def current(self) -> Loaded:
        """The next; the last one for ever."""
        found = self.loaded.pop(0) if len(self.loaded) > 1 else self.loaded[0]
        if isinstance(found, Refusal):
            raise found
        return found


def loaded(revision: str) -> Loaded:
    """The policies under another revision."""
    files = replace(read_policies(POLICIES), revision=revision)
    return files, RegoDecider(files)


async def test_a_request_keeps_the_revision_that_it_began_with() -> None:
    """A request that began before a change is answered and recorded under the revision it began with, to its end."""
    reached, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        reached.set()
        await go.wait()

    recorder, source = FakeRecorder(), Scripted(loaded("r1"))
    line = live(source, recorder, FakeReader(before=wait))
    first = asyncio.create_task(line.answer(ASK, "a", ACCESS))
    await reached.wait()
    source.loaded = [loaded("r2")]
    go.set()
    assert (await first).revision == "r1"
    assert (await line.answer(ASK, "a", ACCESS)).revision == "r2"
    assert [entry.revision for entry in recorder.entries] == ["r1", "r2"]


async def test_a_policy_that_cannot_be_known_is_a_recorded_refusal() -> None:
    """Where the policy in force cannot be known, nothing is answered, and that is recorded."""
    recorder = FakeRecorder()
    with pytest.raises(Refusal) as caught:
        await live(Scripted(Refusal("POLICY_UNAVAILABLE")), recorder).answer(ASK, "a", ACCESS)
    assert caught.value.receipt == recorder.last.receipt
    assert recorder.last.codes == ("POLICY_UNAVAILABLE",)


class Changed(RegoDecider):
    """A decider whose revision was replaced in the moment."""

    async def revision(self) -> str:
        """It is another's.

        Raises:
            Refusal: always.
        """
        raise Refusal("POLICY_CHANGED")


async def test_a_policy_that_changes_under_a_request_is_asked_again() -> None:
    """A request whose policy was replaced before it was decided is decided anew, once, under the new one."""
    files = replace(read_policies(POLICIES), revision="r1")
    gone: Loaded = (files, Changed(files))
    assert (await live(Scripted(gone, loaded("r2")), FakeRecorder()).answer(ASK, "a", ACCESS)).revision == "r2"
    with pytest.raises(Refusal) as caught:
        await live(Scripted(gone, gone), FakeRecorder()).answer(ASK, "a", ACCESS)
    assert caught.value.code == "POLICY_CHANGED"


async def test_nobody_decides_before_a_policy_is_in_force() -> None:
    """What stands in for a policy decides nothing."""
    for asked in (NOBODY.revision(), NOBODY.decide({})):
        with pytest.raises(Refusal):
            await asked


async def test_one_policy_is_one_pipeline() -> None:
    """Requests under one policy share its caches; only a few policies' pipelines are kept."""
    source = Scripted(loaded("r1"))
    line = live(source, FakeRecorder())
    assert await line.current() is await line.current()
    for number in range(5):
        source.loaded = [loaded(f"n{number}")]
        await line.current()
    assert len(line._known) == 3
    assert (await line.current()).recorder is line.base.recorder


async def test_a_fixed_policy_stays() -> None:
    """A gateway on a plain folder has one policy for ever."""
    policies, decider = loaded("r1")
    assert await Fixed(policies, decider).current() == (policies, decider)


async def test_a_request_too_many_is_refused_under_whatever_policy() -> None:
    """A request whose own count turns out to be beyond what is allowed shows nothing, and is recorded as that."""
    recorder = FakeRecorder()
    with pytest.raises(Refusal, match="RATE_LIMITED"):
        await live(Scripted(loaded("r1")), recorder).answer(ASK, "a", ACCESS, FakeBill(over={"account": 1}))
    assert recorder.last.codes == ("RATE_LIMITED",)
