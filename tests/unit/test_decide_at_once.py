"""Decisions that many need at once: policy is asked once, and all who wait share what comes of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from resolvers.decide import Decisions
from resolvers.ports import Verdict
from resolvers.refusals import Refusal
from tests.unit.test_decide import ACCESS, CLASSES, Policy, ask


@dataclass
class SlowPolicy(Policy):
    """One that decides when it is let.

    Attributes:
        came: is released by each question.
        let: lets all questions be answered.
        failing: whether they are refused instead.
    """

    came: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    let: asyncio.Event = field(default_factory=asyncio.Event)
    failing: bool = False

    async def decide(self, asked: Mapping[str, Any]) -> Verdict:
        """The decision, when it may be given."""
        self.came.release()
        await self.let.wait()
        if self.failing:
            raise Refusal("POLICY_UNAVAILABLE")
        return await super().decide(asked)


async def test_many_who_wait_ask_once() -> None:
    """However many requests need the same decision at once, policy is asked once and all have the same grants."""
    policy = SlowPolicy()
    decisions = Decisions(policy, CLASSES)
    waiting = [asyncio.create_task(ask(decisions)) for _ in range(20)]
    other = asyncio.create_task(ask(decisions, access=replace(ACCESS, purpose="safeguarding")))
    for _ in range(2):
        await policy.came.acquire()
    policy.let.set()
    first, *rest = await asyncio.gather(*waiting)
    assert all(grants is first for grants in rest)
    await other
    assert len(policy.asked) == 2


async def test_who_gives_up_leaves_the_question_to_the_next() -> None:
    """When the request that asks policy is ended meanwhile, the next one that waits asks, and is answered."""
    policy = SlowPolicy()
    decisions = Decisions(policy, CLASSES)
    first, second = (asyncio.create_task(ask(decisions)) for _ in range(2))
    await policy.came.acquire()
    assert policy.came.locked(), "the second asked too"
    first.cancel()
    await policy.came.acquire()
    policy.let.set()
    assert (await second).of("Child", "a").open == {"number"}
    assert first.cancelled()


async def test_a_failure_is_everybodys() -> None:
    """When policy gives no answer, all who wait are refused with it, each by a refusal of their own; the next asks."""
    policy = SlowPolicy(failing=True)
    decisions = Decisions(policy, CLASSES)
    waiting = [asyncio.create_task(ask(decisions)) for _ in range(20)]
    await policy.came.acquire()
    policy.let.set()
    refusals = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each) for each in refusals} == {Refusal}
    assert len({id(each) for each in refusals}) == len(refusals)
    assert policy.came.locked(), "nobody else asked"
    policy.failing = False
    assert (await ask(decisions)).revision == "r1"
