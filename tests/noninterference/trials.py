"""The search: worlds, principals and grants are drawn, varied in what is withheld, and asked the same."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from neo4j import AsyncDriver

from resolvers.decide import Decisions, question
from resolvers.grants import CLOSED
from resolvers.model import Access, SearchRules
from resolvers.ports import Decider, Recorder, Verdict
from resolvers.refusals import GateRefusal
from tests.fakes import account as known
from tests.generative.grants import CLASSES, Table, random_grants
from tests.generative.operations import Drawn, draw_operation
from tests.generative.worlds import TODAY, new_place
from tests.judge.classes import principal_of
from tests.judge.world import World
from tests.noninterference.asking import Asker, Request
from tests.noninterference.gateway import Asking, Readers, Seen, TableDecider, gateway
from tests.noninterference.releases import Releases
from tests.noninterference.stage import put
from tests.noninterference.variants import Variants
from tests.noninterference.worlds import Field, closing, crowded_world

_PERSONS = (
    ("social-worker", "safeguarding"),
    ("school-nurse", "coordinate-services"),
    ("management-team", "safeguarding"),
    ("management-team", "early-intervention"),
    ("shielding-officer", "identify-needs"),
    ("partner-caseworker", "coordinate-services"),
    ("partner-caseworker", "coordinate-services"),
    ("data-manager", "data-quality"),
    ("auditor", "audit-review"),
    ("auditor", "safeguarding"),
)
"""Roles and purposes under the real policies; the last does not fit, so that the gate stays closed."""


@dataclass(frozen=True)
class Case:
    """One request, asked in two worlds that look alike to who asks.

    Attributes:
        seed: what draws the group of cases again.
        mode: where the grants came from.
        request: what was asked.
        one: what was seen in the first world.
        other: what was seen in the second.
    """

    seed: int
    mode: str
    request: Request
    one: Seen
    other: Seen

    @property
    def differs(self) -> bool:
        """Whether what is withheld had any influence."""
        return self.one != self.other


@dataclass
class Remembered:
    """The real policy, asked each question once: a decision is a function of the question."""

    decider: Decider
    known: dict[str, Verdict] = field(default_factory=dict)

    async def revision(self) -> str:
        """The revision in force."""
        return await self.decider.revision()

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """A decision."""
        exact = json.dumps(question, sort_keys=True)
        if exact not in self.known:
            self.known[exact] = await self.decider.decide(question)
        return self.known[exact]


@dataclass(frozen=True)
class Effort:
    """How much is asked of a world.

    Attributes:
        variants: how many variants it gets.
        directed: how many requests of the directed shapes.
        drawn: how many random operations.
        broken: how many requests that cannot be answered.
        attempts: how many changes of the structure are tried for a variant.
        modes: where grants come from.
        aim: a field that is always closed where all but a few are open.
    """

    variants: int = 3
    directed: int = 9
    drawn: int = 4
    broken: int = 3
    attempts: int = 14
    modes: tuple[str, ...] = ("policy", "policy", "random", "closing", "closing")
    aim: Field | None = None


@dataclass
class Trials:
    """Draws groups of cases and asks them.

    Attributes:
        driver: the graph.
        policy: the real policy.
        rules: the policy's rules of searching.
        recorder: the audit stream; one in memory if None.
        shapes: where random operations come from.
        effort: how much is asked of a world.
        readers: what makes the reader of the gateway; the real one if None.
        releases: what hidden facts were seen to decide.
        modes: how many cases there were by where their grants came from.
    """

    driver: AsyncDriver
    policy: Decider
    rules: SearchRules
    recorder: Recorder | None = None
    shapes: Callable[[Random], Drawn] = draw_operation
    effort: Effort = field(default_factory=Effort)
    readers: Readers | None = None
    releases: Releases = field(default_factory=Releases)
    modes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.policy = Remembered(self.policy)
        self._held: World | None = None

    @property
    def count(self) -> int:
        """How many cases there were."""
        return self.modes.total()

    async def cases(self, seed: int) -> AsyncIterator[Case]:
        """The cases of one world: every request in the world and in each of its variants."""
        r, place = Random(seed), new_place()  # noqa: S311 - no secrets
        world, mode = crowded_world(r, place), r.choice(self.effort.modes)
        asking, table = await self._grants(mode, world, r)
        me = principal_of(world, asking.account, TODAY)
        drawing = Variants(world, me, table, place, r)
        variants = [drawing.draw(self.effort.attempts) for _ in range(self.effort.variants)]
        if mode == "policy":
            self.releases.explain(drawing.shown, table)
        asker = Asker([world, *variants], place, r, self.shapes)
        requests = list(asker.requests(self.effort.directed, self.effort.drawn, self.effort.broken))
        seen = await self._seen(world, asking, requests)
        for variant in variants:
            for request, one, other in zip(requests, seen, await self._seen(variant, asking, requests), strict=True):
                self.modes[mode] += 1
                yield Case(seed, mode, request, one, other)

    async def _seen(self, world: World, asking: Asking, requests: list[Request]) -> list[Seen]:
        """What is seen of a world, once it has taken the place of the one before."""
        await put(self.driver, world, self._held)
        self._held = world
        async with gateway(self.driver, asking, self.recorder, self.readers) as served:
            return [await served.ask(request) for request in requests]

    async def _grants(self, mode: str, world: World, r: Random) -> tuple[Asking, Table]:
        if mode == "policy":
            return await decided(self.policy, self.rules, world, r)
        account = r.choice(world.ids("Account"))
        table = random_grants(r) if mode == "random" else closing(r, self.effort.aim)
        both = (frozenset({"familyName", "dateOfBirth"}), frozenset({"familyName", "postcode"}))
        return Asking(account, "safeguarding", TableDecider(table), SearchRules(both, r.randint(1, 5))), table


async def decided(
    policy: Decider, rules: SearchRules, world: World, r: Random, person: tuple[str, str] | None = None
) -> tuple[Asking, Table]:
    """Somebody with a role of the real policies, mostly with papers in order, and what these policies grant."""
    account = r.choice(world.ids("Account"))
    role, purpose = person or r.choice(_PERSONS)
    papers = dict.fromkeys(("trainedOn", "vettedOn", "agreementSignedOn"), "2026-01-01")
    told = {**world.nodes["Account"][account], "roles": [role], "suspended": False, "vetting": "enhanced", **papers}
    world.nodes["Account"][account] = told
    facts = replace(known(account), roles=(role,), vetting="enhanced")
    asked = question(facts, Access(purpose, "a test"), TODAY)
    try:
        found = await Decisions(policy, CLASSES).decide(asked, Access(purpose, "a test"))
        table = {name: dict(keys) for name, keys in found.classes.items()}
    except GateRefusal:
        table = {name: dict.fromkeys(keys, CLOSED) for name, keys in CLASSES.items()}
    return Asking(account, purpose, policy, rules), table
