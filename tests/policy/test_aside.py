"""The candidate's own process: it decides as every other engine, and whatever it does is bounded."""

import asyncio
import io
import json
import os
import resource

import pytest

from gateway.policy import aside
from gateway.policy.aside import Aside, answer
from gateway.policy.files import PolicyFiles, read_policies
from gateway.policy.rego import RegoDecider
from gateway.workbench.space import capacities, question
from resolvers.grants import question_about
from resolvers.refusals import Refusal
from tests.conftest import POLICIES

FILES = read_policies(POLICIES)
DECISION = "package directory.decision\n\ndecision := "
ENDLESS = DECISION + (
    '{"n": count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a * b == input.x])} '
    "if input.x\n\ndecision := {} if not input.x\n"
)


def rule(text: str) -> PolicyFiles:
    """A policy of one rule."""
    return PolicyFiles(POLICIES, "one", {"decision.rego": text}, {})


async def test_it_decides_as_in_process() -> None:
    """For every role and purpose and all classes at once, the process gives the same decision to the last reason."""
    apart, here = Aside(FILES), RegoDecider(FILES)
    for capacity in capacities(FILES):
        asked = {**question([capacity.role], capacity.purpose), "classes": question_about(FILES.classes)}
        verdict = await apart.decide(asked)
        assert verdict.decision == here.ask(asked)
        assert verdict.revision == await apart.revision() == FILES.revision
    await apart.aclose()


async def test_it_runs_last_and_ends_with_its_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process gives way to all others, is told no setting, and is gone as soon as its gateway is."""
    monkeypatch.setenv("DIRECTORY_GRAPH_PASSWORD", "x")
    apart = Aside(FILES)
    await apart.decide({})
    process = apart._process
    assert process is not None
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= 10
    told = await asyncio.create_subprocess_exec(
        "ps", "eww", "-o", "command=", "-p", str(process.pid), stdout=asyncio.subprocess.PIPE
    )
    assert b"DIRECTORY_GRAPH_PASSWORD" not in (await told.communicate())[0]
    assert process.stdin is not None
    process.stdin.close()  # as the system does when the gateway dies
    assert await asyncio.wait_for(process.wait(), 30) == 0
    await apart.aclose()


async def test_a_rule_without_end_is_ended(caplog: pytest.LogCaptureFixture) -> None:
    """A question that takes too long ends the process, which begins anew; after three in a row it is given up."""
    apart = Aside(rule(ENDLESS))
    assert (await apart.decide({})).decision == {}
    with pytest.raises(Refusal):
        await apart.decide({"x": -1})
    assert (await apart.decide({})).decision == {}
    for _ in range(5):
        with pytest.raises(Refusal):
            await apart.decide({"x": -1})
    assert apart._process is None
    assert len([each for each in caplog.records if "does not answer" in each.message]) == 4
    assert len([each for each in caplog.records if "no longer asked" in each.message]) == 1
    await apart.aclose()


async def test_one_that_is_silent_is_ended() -> None:
    """A process that says nothing for long is ended, though it takes no time of the processor."""
    apart = Aside(FILES, patience=0.0)
    with pytest.raises(Refusal):
        await apart.decide({})
    assert apart._process is None
    await apart.aclose()


async def test_whoever_goes_leaves_no_answer_behind() -> None:
    """A question whose asker has gone ends the process, so that its answer is never taken for the next one's."""
    apart = Aside(FILES)
    await apart.decide({})
    asking = asyncio.create_task(apart.decide({"today": "2026-06-30"}))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert apart._process is None
    assert (await apart.decide({})).decision == RegoDecider(FILES).ask({})
    await apart.aclose()


@pytest.mark.parametrize("text", ["package directory.decision\n", "nonsense", DECISION + "7\n"])
async def test_a_policy_that_decides_nothing_is_given_up(text: str) -> None:
    """Rules that do not compile or decide nothing end the process each time, and then it is given up."""
    apart = Aside(rule(text))
    for _ in range(4):
        with pytest.raises(Refusal):
            await apart.decide({})
    assert apart._deaths == 3
    await apart.aclose()


def test_a_question_without_a_decision_is_answered_with_none() -> None:
    """Each question gets one line: the decision, or null where the rules give none."""
    told = [json.dumps({"modules": {"d.rego": DECISION + "{} if not input.x\n"}, "data": {}}), '{"x": 1}', "{}"]
    out, begun = io.StringIO(), []
    answer(told, out, lambda: begun.append(1))
    assert out.getvalue().splitlines() == ["null", "null", "{}"]
    assert len(begun) == 3


def test_the_time_of_each_question_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before each question the system is told how much time of the processor it may take, from then on."""
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, both: limits.append((kind, both)))
    aside.bound()
    ((kind, (soft, hard)),) = limits
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert kind == resource.RLIMIT_CPU
    assert hard == resource.getrlimit(kind)[1]
    assert 0 < soft - used.ru_utime - used.ru_stime <= aside.SECONDS + 1
