"""Decisions: one call or none, cached under exactly what may influence them, closed unless told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.decide import Decisions, question
from resolvers.grants import CLOSED, Classes, Grants
from resolvers.model import Access, Account
from resolvers.ports import Verdict
from resolvers.refusals import GateRefusal
from tests.fakes import account

TODAY = "2026-03-02"
CLASSES: Classes = {"Child": {"a": {"x": "a"}, "b": {"x": "b"}}, "Carer": {"": {}}, "Spaceship": {"": {}}}
ACCESS = Access("coordinate-services", "a meeting")
CAPACITY = {"roles": ["social-worker"], "purpose": "coordinate-services"}
OPEN = {"visible": True, "open": ["number"], "withheld": {}, "searchable": [], "contact": None}


def opened(**grants: Any) -> dict[str, Any]:
    """A decision that opens the gate."""
    return {
        "allowed": True,
        "refusals": [],
        "capacity": CAPACITY,
        "grants": {f"Child:{k}": v for k, v in grants.items()},
    }


@dataclass
class Policy:
    """A policy engine that keeps what it was asked.

    Attributes:
        decision: what it decides.
        now: the revision that it says is in force.
        then: the revision of its next decision; ``now`` if None.
    """

    decision: Mapping[str, Any] = field(default_factory=lambda: opened(a=OPEN))
    now: str = "r1"
    then: str | None = None
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    async def revision(self) -> str:
        """The revision in force."""
        return self.now

    async def decide(self, asked: Mapping[str, Any]) -> Verdict:
        """The decision."""
        self.asked.append(asked)
        return Verdict(self.decision, self.then or self.now)


async def ask(
    decisions: Decisions,
    who: Account | None = None,
    access: Access = ACCESS,
    today: str = TODAY,
) -> Grants:
    """Ask as the pipeline does."""
    return await decisions.decide(question(who or account("a"), access, today), access)


async def test_a_decision_asks_once_about_every_class() -> None:
    """The policy is asked once, about the account, the access, the date and every class of the schema's types."""
    policy = Policy()
    grants = await ask(Decisions(policy, CLASSES))
    (asked,) = policy.asked
    assert asked == {
        "account": account("a").facts(),
        "access": {"purpose": "coordinate-services", "reason_given": True},
        "today": TODAY,
        "classes": {
            "Child:a": {"type": "Child", "attributes": {"x": "a"}},
            "Child:b": {"type": "Child", "attributes": {"x": "b"}},
            "Carer:": {"type": "Carer", "attributes": {}},
        },
    }
    assert (grants.revision, grants.of("Child", "a").open) == ("r1", frozenset({"number"}))
    assert grants.of("Child", "b") == grants.of("Carer", "") == CLOSED


async def test_a_known_decision_asks_nobody() -> None:
    """The same person who asks again costs no call, and has the same grants."""
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    assert await ask(decisions) is await ask(decisions)
    assert len(policy.asked) == 1


async def test_it_is_told_what_was_remembered() -> None:
    """Of each decision it is told whether it was remembered, under another policy of the same gateway too."""
    told: list[bool] = []
    decisions = Decisions(Policy(), CLASSES, tell=told.append)
    for each in (decisions, decisions, decisions.under(Policy(), CLASSES)):
        await ask(each)
    assert told == [False, True, False]


async def test_a_capacity_shares_its_grants() -> None:
    """Two people in one capacity are let through the gate apart and share the grants, each asking at most once."""
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    other = replace(account("b"), trained_on="2026-02-01")
    assert await ask(decisions) == await ask(decisions, other) == await ask(decisions, other)
    assert len(policy.asked) == 2


@pytest.mark.parametrize(("told", "may"), [(True, True), (False, False), (None, False), ("true", False), (1, False)])
async def test_the_schema_is_open_only_if_policy_says_so(told: object, may: bool) -> None:
    """The schema may be read only where the decision says so in so many words."""
    decision = {**opened(a=OPEN), "capacity": {**CAPACITY, "schema": told}}
    assert (await ask(Decisions(Policy(decision), CLASSES))).schema is may


async def test_a_capacity_that_reads_the_schema_is_another() -> None:
    """Grants that open the schema are never given to somebody in the same roles who may not read it."""
    policy = Policy({**opened(a=OPEN), "capacity": {**CAPACITY, "schema": True}})
    decisions = Decisions(policy, CLASSES)
    first = await ask(decisions)
    policy.decision = {**opened(a=OPEN), "capacity": {**CAPACITY, "schema": False}}
    second = await ask(decisions, replace(account("b"), trained_on="2026-02-01"))
    assert (first.schema, second.schema, (await ask(decisions)).schema) == (True, False, True)


FACTS: dict[str, Any] = {
    "roles": ("auditor",),
    "suspended": True,
    "trained_on": None,
    "vetted_on": "2020-01-01",
    "vetting": "police",
    "agreement_signed_on": None,
    "organisation_kind": "HEALTH_TRUST",
    "accredited": False,
    "closed": True,
}


@pytest.mark.parametrize("name", sorted(FACTS))
async def test_every_fact_counts(name: str) -> None:
    """A change of any fact of the account asks again."""
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    await ask(decisions)
    await ask(decisions, replace(account("a"), **{name: FACTS[name]}))
    assert len(policy.asked) == 2


async def test_nothing_else_of_an_account_counts() -> None:
    """Who it is, which versions are known and where it belongs are no facts for policy: they ask nobody again."""
    changes: dict[str, Any] = {field.name: "other" for field in fields(Account) if field.name not in FACTS}
    changes |= {"version": 7, "organisation_version": 7}
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    await ask(decisions)
    await ask(decisions, replace(account("a"), **changes))
    assert len(policy.asked) == 1


async def test_the_access_counts_as_far_as_policy_is_told() -> None:
    """Purpose, whether a reason is given, and the date ask again; the reason's text, client and trace do not."""
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    await ask(decisions)
    for same in (replace(ACCESS, reason="another"), replace(ACCESS, client="c", trace="t")):
        await ask(decisions, access=same)
    assert len(policy.asked) == 1
    await ask(decisions, access=replace(ACCESS, purpose="safeguarding"))
    await ask(decisions, access=replace(ACCESS, reason=" "))
    await ask(decisions, today="2026-03-03")
    assert len(policy.asked) == 4
    assert "meeting" not in str(policy.asked)


async def test_a_new_revision_forgets_what_was_decided() -> None:
    """When the policy's revision changes, everything is decided anew; the old one is not mistaken for it."""
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    await ask(decisions)
    policy.now, policy.decision = "r2", opened(b=OPEN)
    grants = await ask(decisions)
    assert grants.revision == "r2"
    assert grants.of("Child", "a") == CLOSED


async def test_a_revision_that_changes_in_between_does_not_mix() -> None:
    """When the policy changes between confirming its revision and deciding, all grants are the new one's."""
    policy = Policy()
    decisions = Decisions(policy, {**CLASSES})
    other = replace(account("b"), trained_on="2026-02-01")
    await ask(decisions)  # the grants of the capacity are known under r1
    policy.then, policy.decision = "r2", opened(b=OPEN)
    grants = await ask(decisions, other)
    assert grants.revision == "r2"
    assert (grants.of("Child", "a"), grants.of("Child", "b").open) == (CLOSED, frozenset({"number"}))
    policy.now = "r2"
    assert await ask(decisions, other) is grants
    assert len(policy.asked) == 2


async def test_a_gate_that_closes_in_between_is_closed() -> None:
    """When the policy closes its gate between confirming its revision and deciding, the request is refused."""
    policy = Policy()
    decisions = Decisions(policy, CLASSES)
    await ask(decisions)
    policy.then, policy.decision = "r2", {**opened(a=OPEN), "allowed": False, "refusals": ["NO_ROLE"]}
    with pytest.raises(GateRefusal) as caught:
        await ask(decisions, replace(account("b"), trained_on="2026-02-01"))
    assert caught.value.codes == ("NO_ROLE",)


async def test_a_closed_gate_is_remembered() -> None:
    """A refusal holds for the same facts under the same revision without asking again."""
    policy = Policy({"allowed": False, "refusals": ["TRAINING_LAPSED", "NO_ROLE"], "capacity": {}, "grants": {}})
    decisions = Decisions(policy, CLASSES)
    for _ in range(2):
        with pytest.raises(GateRefusal) as caught:
            await ask(decisions)
        assert caught.value.codes == ("TRAINING_LAPSED", "NO_ROLE")
    assert len(policy.asked) == 1


@pytest.mark.parametrize(
    "part",
    [
        {"allowed": False},
        {"allowed": 1},
        {"allowed": "true"},
        {"allowed": None},
        {"refusals": ["NO_ROLE"]},
        {"refusals": ["NOT_A_CODE"]},
        {"refusals": [[], {}, None, 1]},
        {"refusals": {}},
        {"refusals": None},
        {"refusals": ()},
        {"refusals": ""},
        {"capacity": None},
        {"capacity": []},
        {"capacity": "social-worker"},
    ],
)
async def test_the_gate_opens_only_in_so_many_words(part: dict[str, Any]) -> None:
    """Unless allowed is true, there are no refusals and there is a capacity, the gate is closed, with a known code."""
    with pytest.raises(GateRefusal) as caught:
        await ask(Decisions(Policy({**opened(a=OPEN), **part}), CLASSES))
    assert caught.value.codes in {("NO_ROLE",), ("REFUSED",)}


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(
    st.recursive(st.none() | st.booleans() | st.text(max_size=3), lambda i: st.lists(i) | st.dictionaries(st.text(), i))
)
async def test_malformed_grants_open_nothing(wrong: Any) -> None:
    """Whatever stands in place of the grants, or of one of them, opens nothing."""
    for decision in ({**opened(), "grants": wrong}, opened(a=wrong)):
        grants = await ask(Decisions(Policy(decision), CLASSES))
        assert grants.of("Child", "a") == CLOSED


@pytest.mark.parametrize("missing", ["allowed", "refusals", "capacity"])
async def test_a_part_that_is_missing_closes_the_gate(missing: str) -> None:
    """A decision without one of its parts lets nobody through."""
    decision = opened(a=OPEN)
    del decision[missing]
    with pytest.raises(GateRefusal):
        await ask(Decisions(Policy(decision), CLASSES))
