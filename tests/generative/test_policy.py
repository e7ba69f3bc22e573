"""Under the real policies: one decision for an operation is worth as much as one for each record."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from gateway.engines import EngineSet
from gateway.policy.files import read_policies
from gateway.policy.opa import OpaDecider
from gateway.policy.rego import RegoDecider
from resolvers.decide import Decisions
from resolvers.grants import ClassGrant
from resolvers.model import Access
from resolvers.ports import Decider
from resolvers.refusals import Refusal
from tests.conftest import POLICIES
from tests.generative.grants import CLASSES, CONTACTS
from tests.generative.harness import RULES, Case
from tests.generative.operations import bind, draw_operation
from tests.generative.profile import examples
from tests.generative.test_agreement import POOL
from tests.generative.worlds import TODAY, new_place, random_world
from tests.judge.answer import Judge, Judgement, noted_of
from tests.judge.classes import principal_of
from tests.judge.world import World, store

FILES = read_policies(POLICIES)
PURPOSES = (*FILES.data["directory"]["purposes"], "curiosity", None)
ROLES = tuple(FILES.data["directory"]["roles"])
SEEDS = st.integers(0, 2**32 - 1)
Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@pytest.fixture(name="decider", scope="session")
async def _decider(engine_set: EngineSet, anyio_backend: str) -> AsyncIterator[Decider]:  # noqa: ARG001
    """The policy engine that belongs to the engines: in process, or the OPA server."""
    if engine_set.engines.opa_url is None:
        yield RegoDecider(FILES)
        return
    async with httpx.AsyncClient(base_url=engine_set.engines.opa_url) as client:
        yield OpaDecider(client)


def rego_alone() -> Ask:
    """Ask in process."""
    return RegoDecider(FILES).ask


@contextmanager
def opa_alone(url: str) -> Iterator[Ask]:
    """Ask the OPA server without its adapter."""
    with httpx.Client(base_url=url) as client:

        def ask(question: Mapping[str, Any]) -> Mapping[str, Any]:
            answer = client.post("/v1/data/directory/decision/decision", json={"input": question})
            decision: Mapping[str, Any] = answer.json()["result"]
            return decision

        yield ask


@pytest.fixture(name="alone", scope="session")
def _alone(engine_set: EngineSet) -> Iterator[Ask]:
    if engine_set.engines.opa_url is None:
        yield rego_alone()
        return
    with opa_alone(engine_set.engines.opa_url) as ask:
        yield ask


def person(world: World, account: str, access: Access) -> dict[str, Any]:
    """What policy must be told of an account, from what the world holds."""
    props = world.nodes["Account"][account]
    (organisation,) = world.from_("MEMBER_OF", account)
    told = world.nodes["Organisation"][organisation]
    return {
        "account": {
            "roles": props["roles"],
            "suspended": props["suspended"],
            "trained_on": props.get("trainedOn"),
            "vetted_on": props.get("vettedOn"),
            "vetting": props["vetting"],
            "agreement_signed_on": props.get("agreementSignedOn"),
            "organisation": {"kind": told["kind"], "accredited": told["accredited"], "closed": False},
        },
        "access": {"purpose": access.purpose, "reason_given": bool(access.reason)},
        "today": TODAY,
    }


def one_grant(ask: Ask, asked: Mapping[str, Any], type_name: str, key: str) -> ClassGrant:
    """Policy's answer about one record, asked by itself."""
    record = {"type": type_name, "attributes": CLASSES[type_name][key]}
    entry = ask({**asked, "classes": {"it": record}})["grants"]["it"]
    lists = {name: frozenset(entry[name]) for name in ("open", "searchable")}
    return ClassGrant(visible=entry["visible"], withheld=entry["withheld"], contact=entry["contact"], **lists)


def judged(case: Case, ask: Ask, asked: Mapping[str, Any]) -> Judgement:
    """The judge, who asks policy about each record by itself."""
    decide = cache(lambda type_name, key: one_grant(ask, asked, type_name, key))
    judge = Judge(case.world, principal_of(case.world, case.account, TODAY), decide, RULES, CONTACTS)
    return judge.judge(case.text, case.variables)


@examples(quick=40)
@given(made=SEEDS, asked=SEEDS)
async def test_one_decision_equals_one_for_each_record(  # noqa: PLR0917 - fixtures and seeds
    graph_driver: AsyncDriver, engine_set: EngineSet, decider: Decider, alone: Ask, made: int, asked: int
) -> None:
    """For any account, purpose and operation, the answer is that of asking policy about every single record."""
    place = new_place()
    world, r = random_world(Random(made), place), Random(asked)  # noqa: S311 - no secrets
    await store(graph_driver, world)
    drawn = draw_operation(r) if engine_set.engines.opa_url is None else r.choice(POOL)
    for _ in range(4):
        purpose = r.choice((*PURPOSES, "safeguarding", "coordinate-services"))
        access = Access(purpose, r.choice(("a reason",) * 9 + (None,)))
        account = r.choice(world.ids("Account"))
        case = Case(world, account, {}, drawn.text, bind(drawn, world, place, r), access=access)
        facts = person(world, account, access)
        gate = alone({**facts, "classes": {}})
        if not gate["allowed"]:
            with pytest.raises(Refusal) as refused:
                await case.answer(graph_driver, Decisions(decider, CLASSES))
            assert list(refused.value.codes) == gate["refusals"]
            continue
        answer, entry = await case.answer(graph_driver, Decisions(decider, CLASSES))
        expected = judged(case, alone, facts)
        assert json.dumps(answer.data, indent=1) == json.dumps(expected.data, indent=1)
        assert noted_of(entry.disclosed) == expected.noted


def in_order(roles: list[str], purpose: str | None) -> dict[str, Any]:
    """A question about everything by somebody whose papers are in order."""
    papers = dict.fromkeys(("trained_on", "vetted_on", "agreement_signed_on"), "2026-01-01")
    employer = {"kind": "LOCAL_AUTHORITY", "accredited": True, "closed": False}
    account = {"roles": roles, "suspended": False, "vetting": "enhanced", "organisation": employer, **papers}
    classes = {
        f"{type_name}:{key}": {"type": type_name, "attributes": attributes}
        for type_name, keys in CLASSES.items()
        for key, attributes in keys.items()
    }
    return {
        "account": account,
        "access": {"purpose": purpose, "reason_given": True},
        "today": TODAY,
        "classes": classes,
    }


def test_both_policy_engines_decide_alike(real: EngineSet) -> None:
    """For every role, purpose and class, OPA and the engine in process give the same decision to the last reason."""
    rego = rego_alone()
    with opa_alone(str(real.engines.opa_url)) as opa:
        for purpose in PURPOSES:
            for roles in ([], *([role] for role in ROLES), list(ROLES)):
                question = in_order(roles, purpose)
                assert rego(question) == opa(question), (roles, purpose)


@pytest.mark.parametrize("role", ROLES)
def test_a_class_is_decided_alike_in_any_company(role: str) -> None:
    """What policy says of a class does not depend on which other classes are asked about."""
    ask = rego_alone()
    for purpose in ("safeguarding", "data-quality", "audit-review"):
        question = in_order([role], purpose)
        together = ask(question)["grants"]
        if together:
            for ref, described in question["classes"].items():
                assert ask({**question, "classes": {ref: described}})["grants"] == {ref: together[ref]}
