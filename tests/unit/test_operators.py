"""What an operator does is decided and recorded before it is done, whoever asks."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.operators import authorise
from resolvers.model import Access
from resolvers.pipeline import Pipeline
from resolvers.refusals import Refusal
from tests.fakes import REVISION, FakeDecider, FakeReader, FakeRecorder, account, down, pipeline

ACCESS = Access("audit-review", "routine review", client="directory audit")


class Standing:
    """A pipeline whose policy does not change."""

    def __init__(self, line: Pipeline) -> None:
        self.base = line

    async def current(self) -> Pipeline:
        """The pipeline."""
        return self.base


@dataclass
class Parts:
    """The services, as far as an operator needs them."""

    pipeline: Standing


async def act(recorder: FakeRecorder, **fakes: Any) -> str:
    """Do something as an operator."""
    return await authorise(Parts(Standing(pipeline(recorder, **fakes))), "a", ACCESS, "audit tail")  # type: ignore[arg-type]


async def test_an_action_is_recorded_before_it_is_done() -> None:
    """An operator who may act gets the receipt of a record that names the action and the decision."""
    recorder = FakeRecorder()
    receipt = await act(recorder)
    (entry,) = recorder.entries
    assert (entry.receipt, entry.outcome, entry.account, entry.access) == (receipt, "answered", "a", ACCESS)
    assert (entry.operation_name, entry.organisation, entry.revision) == ("audit tail", "organisation-1", REVISION)
    assert entry.question is not None
    assert entry.question["access"] == {"purpose": "audit-review", "reason_given": True}


async def test_an_action_that_cannot_be_recorded_is_not_done() -> None:
    """While the stream cannot be written, an operator may do nothing."""
    with pytest.raises(Refusal, match="AUDIT_UNAVAILABLE"):
        await act(down())


async def test_a_refused_operator_is_recorded() -> None:
    """An operator whom policy refuses is told why, and the attempt is recorded once."""
    recorder = FakeRecorder()
    with pytest.raises(Refusal) as caught:
        await act(recorder, decider=FakeDecider(("PURPOSE_NOT_FOR_ROLE", "NO_ROLE")))
    (entry,) = recorder.entries
    assert (entry.outcome, entry.codes) == ("refused", ("PURPOSE_NOT_FOR_ROLE", "NO_ROLE"))
    assert (caught.value.codes, caught.value.receipt) == (entry.codes, entry.receipt)


async def test_an_unknown_operator_is_recorded() -> None:
    """An account that the directory does not have is refused, and the attempt is recorded under its name."""
    recorder = FakeRecorder()
    with pytest.raises(Refusal, match="ACCOUNT_UNKNOWN"):
        await act(recorder, reader=FakeReader(unknown=frozenset("a")))
    assert [(entry.account, entry.codes) for entry in recorder.entries] == [("a", ("ACCOUNT_UNKNOWN",))]


async def test_an_operators_facts_are_read_anew() -> None:
    """What was remembered of an operator's account decides nothing: its facts are read for each action."""
    recorder = FakeRecorder()
    parts = Parts(Standing(pipeline(recorder)))
    parts.pipeline.base.accounts._known["a"] = replace(account("a"), roles=("remembered",))
    await authorise(parts, "a", ACCESS, "audit tail")  # type: ignore[arg-type]
    assert recorder.last.question is not None
    assert recorder.last.question["account"]["roles"] == ["social-worker"]


async def test_policy_is_told_of_an_action_that_it_has_a_rule_for() -> None:
    """Where policy knows an action as an operation of its own, it is asked about that one."""
    recorder = FakeRecorder()
    parts = Parts(Standing(pipeline(recorder)))
    await authorise(parts, "a", ACCESS, "emergency close all", operation="close")  # type: ignore[arg-type]
    assert recorder.last.question is not None
    assert recorder.last.question["access"]["action"] == "close"
