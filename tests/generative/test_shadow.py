"""With any candidate beside it policy answers byte for byte as without one, and each difference is counted."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from neo4j import AsyncDriver

from gateway.engines import EngineSet
from gateway.policy.files import Kinds, PolicyError, PolicyFiles, read_policies
from gateway.policy.judge import Judged
from gateway.policy.rego import RegoDecider
from gateway.policy.shadow import Candidate
from gateway.workbench.cells import ACCESS, OPENED, Cell, cells_of
from gateway.workbench.mutants import mutants
from gateway.workbench.space import Capacity, capacities
from resolvers.decide import Decisions
from resolvers.grants import question_about
from resolvers.model import Access, Entry
from resolvers.ports import Decider, Shadow
from resolvers.refusals import Refusal
from resolvers.shadow import UNSHADOWED
from tests.conftest import POLICIES
from tests.generative.grants import CLASSES
from tests.generative.harness import Case
from tests.generative.operations import bind, draw_operation
from tests.generative.test_agreement import POOL
from tests.generative.test_policy import FILES, PURPOSES, ROLES, _decider, person  # noqa: F401 - a fixture
from tests.generative.worlds import new_place, random_world
from tests.judge.world import World, store

LARGE = (
    ("directory/shielding/data.json", '"number", "givenName"', '"number", "address", "givenName"'),
    ("directory/ties/data.json", '"organisation", "direct"', '"direct"'),
    ("directory/vetting/data.json", '"enhanced": 3', '"enhanced": 1'),
    ("directory/purposes/data.json", '"coordinate-services"', '"coordinate"'),
    ("directory/roles/data.json", '"identity", ', ""),
    ("directory/roles/data.json", '"service", ', '"sealed", '),
    ("directory/roles/data.json", '"organisation", ', ""),
)
"""Candidates that differ much: a file, and one text for another."""
USUAL = ("safeguarding", "coordinate-services", "identify-needs")
NAMES = attrgetter("type", "key", "field", "before", "after")
_SOUND = 0.9
"""How many of the accounts may ask at all."""
MUTANTS = tuple(mutants(POLICIES))


class Tally:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str | None, Judged]] = []

    def compared(self, _roles: Any, undetermined: str | None, judged: Judged, _kinds: Kinds) -> None:
        """Keep it."""
        self.told.append((undetermined, judged))


def rewritten(folder: Path, file: str, text: str) -> PolicyFiles:
    """The policies with one file written anew."""
    copy = folder / "policies"
    for path in POLICIES.rglob("*"):
        if path.suffix in {".rego", ".json"} and "invariants" not in path.parts:
            target = copy / path.relative_to(POLICIES)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (copy / file).write_text(text, encoding="utf-8")
    return read_policies(copy)


@dataclass(frozen=True)
class Beside:
    """A candidate, and what it tells.

    Attributes:
        policies: its rules and tables.
        engine: who decides by them.
        shadow: how it decides beside others.
        tally: what became of each operation.
    """

    policies: PolicyFiles
    engine: RegoDecider
    shadow: Candidate
    tally: Tally


def loaded(candidates: list[PolicyFiles]) -> Iterator[Beside]:
    """Those candidates that a gateway can load."""
    for policies in candidates:
        with suppress(PolicyError, KeyError):
            engine, tally = RegoDecider(policies), Tally()
            yield Beside(policies, engine, Candidate(policies, engine, tally), tally)


@pytest.fixture(name="large", scope="session")
def _large(tmp_path_factory: pytest.TempPathFactory) -> list[Beside]:
    """A candidate that differs in nothing, and those that differ much."""
    found = [replace(FILES, revision="same")]
    for file, old, new in LARGE:
        text = (POLICIES / file).read_text("utf-8")
        assert old in text
        found.append(rewritten(tmp_path_factory.mktemp("large"), file, text.replace(old, new)))
    return list(loaded(found))


@pytest.fixture(name="small", scope="session")
def _small(tmp_path_factory: pytest.TempPathFactory) -> list[Beside]:
    """A few of the small mistakes, drawn once for all."""
    drawn = Random(14).sample(MUTANTS, 6)  # noqa: S311 - no secrets
    return list(loaded([rewritten(tmp_path_factory.mktemp("small"), each.file, each.text) for each in drawn]))


def decides(engine: RegoDecider, facts: dict[str, Any]) -> bool:
    """Whether a candidate gives any decision: some mistakes contradict themselves."""
    try:
        return bool(engine.ask({**facts, "classes": question_about(FILES.classes)}))
    except Refusal:
        return False


class Matrices:
    """The matrix of each policy, asked for one capacity at a time."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, Capacity], dict[Cell, str]] = {}

    def said(self, policies: PolicyFiles, decider: RegoDecider, who: Capacity) -> dict[Cell, str]:
        """The cells of one capacity."""
        key = (policies.revision, who)
        if key not in self._cells:
            self._cells[key] = cells_of(policies, decider.ask, only=[who])
        return self._cells[key]


MATRICES = Matrices()


def state(cells: dict[Cell, str], who: Capacity, type_name: str, key: str, name: str) -> str:
    """What a matrix says of a field, as records say it.

    Who leads is found among the involvements, and a field without a data class is nobody's.
    """
    if (type_name, name) == ("Child", "leadProfessional"):
        around = cells.get(Cell(who, type_name, key, "involvements"), "invisible")
        name = name if around in OPENED else "involvements"
    others = {state for cell, state in cells.items() if (cell.type, cell.key) == (type_name, key)}
    said = cells.get(Cell(who, type_name, key, name), "ROLE" if others - {"invisible"} else "invisible")
    return "shown" if said in OPENED else said


def predicted(
    entry: Entry | None, answer: Any, facts: dict[str, Any], candidate: Beside
) -> Counter[tuple[str, ...]] | None:
    """The differences that both matrices, or both gates, predict; None where no matrix speaks of such an account."""
    policies, engine = candidate.policies, candidate.engine
    gate = " ".join(engine.ask({**facts, "classes": {}})["refusals"]) or "shown"
    was = "shown" if entry is not None else " ".join(answer)
    if entry is None or gate != "shown":
        return Counter({("Access", "", "allowed", was, gate): 1} if was != gate else {})
    who = Capacity("+".join(facts["account"]["roles"]), str(facts["access"]["purpose"]))
    if who not in set(capacities(FILES)):
        return None
    both = MATRICES.said(FILES, LIVE, who), MATRICES.said(policies, engine, who)
    if any({cell.type for cell in cells} == {ACCESS} for cells in both):
        return None  # whom the matrix asks for is refused, by dates that are not this account's
    found: Counter[tuple[str, ...]] = Counter()
    for each in entry.disclosed:
        for name in (*each.shown, *each.withheld):
            sides = [state(cells, who, each.type, each.class_key, name) for cells in both]
            assert sides[0] == ("shown" if name in each.shown else each.withheld[name])
            if sides[0] != sides[1]:
                found[each.type, each.class_key, name, *sides] += len(each.ids)
    return found


LIVE = RegoDecider(FILES)


async def told(case: Case, driver: AsyncDriver, live: Decisions, shadow: Shadow) -> tuple[Any, Entry | None]:
    """What an operation is answered, receipts aside, and what is recorded."""
    try:
        answer, entry = await case.answer(driver, live, shadow=shadow)
    except Refusal as refusal:
        return refusal.codes, None
    return (json.dumps(answer.data), answer.revision), entry


def in_order(world: World, r: Random) -> str:
    """An account, most often with one role and in good standing."""
    account: str = r.choice(world.ids("Account"))
    if r.random() < _SOUND:
        papers = dict.fromkeys(("trainedOn", "vettedOn", "agreementSignedOn"), "2026-01-01")
        sound = {"roles": [r.choice(ROLES)], "suspended": False, "vetting": "enhanced", **papers}
        (organisation,) = world.from_("MEMBER_OF", account)
        for label, name, changes in (("Account", account, sound), ("Organisation", organisation, {"accredited": True})):
            world.nodes[label][name] = {**world.nodes[label][name], **changes}
    return account


async def differences(
    case: Case, driver: AsyncDriver, live: Decisions, candidate: Beside, facts: dict[str, Any]
) -> Counter[tuple[str, ...]]:
    """Ask without and with a candidate; the differences that were predicted, which were those that were counted."""
    answer, entry = await told(case, driver, live, UNSHADOWED)
    for _ in range(2):
        again, own = await told(case, driver, live, candidate.shadow)
        assert again == answer
        await candidate.shadow.settled()
        if entry is not None and own is not None:
            same = {"receipt": "", "at": "", "shadow": None}
            assert replace(own, **same) == replace(entry, **same)  # type: ignore[arg-type]
    undetermined, judged = candidate.tally.told[-1]
    if not decides(candidate.engine, facts):
        return Counter()
    assert undetermined in ({None} if candidate.policies.revision == "same" else {None, "unseen"})
    expected = predicted(entry, answer, facts, candidate)
    if expected is not None:
        assert Counter({NAMES(each): count for each, count in judged.differences.items()}) == expected
    return expected or Counter()


async def test_a_candidate_changes_no_answer_and_each_difference_counts(
    graph_driver: AsyncDriver, engine_set: EngineSet, decider: Decider, large: list[Beside], small: list[Beside]
) -> None:
    """For any account, operation and candidate, answer and record stay the same, and differences are the matrices'."""
    seen: Counter[str] = Counter()
    live = Decisions(decider, CLASSES)
    for seed in range(int(os.environ.get("DIRECTORY_GENERATE", "12"))):
        place, r = new_place(), Random(seed)  # noqa: S311 - no secrets
        world = random_world(r, place)
        account = in_order(world, r)
        await store(graph_driver, world)
        for _ in range(3):
            drawn = draw_operation(r) if engine_set.engines.opa_url is None else r.choice(POOL)
            access = Access(r.choice((*PURPOSES, *USUAL * 4)), "a reason")
            case = Case(world, account, {}, drawn.text, bind(drawn, world, place, r), access=access)
            facts = person(world, account, access)
            for candidate in (*large, r.choice(small)):
                found = await differences(case, graph_driver, live, candidate, facts)
                seen.update("access" if each[0] == "Access" else each[3] for each in found)
    assert min(seen["access"], seen["shown"], seen.total() - seen["access"] - seen["shown"]) > 0, seen
