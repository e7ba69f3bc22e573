"""Decide before reading: one policy call for each person, or none.

A decision has two factors, cached apart under exact keys: the **gate** (may this account, with this purpose and a
reason given, do anything today, and in which capacity) and the **grants** of that capacity for every type. Nothing else
may influence a decision, so nothing else is in the keys. Policy is always asked about every class of every type: a
question about a few costs it little less, and would come again with each new selection of types.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from weakref import WeakValueDictionary

import orjson
from cachetools import LRUCache

from resolvers.grants import Classes, ClassGrant, Grants, class_grant, question_about
from resolvers.mediation import attribute_names, both
from resolvers.model import Access, Account
from resolvers.ports import Decider, Verdict
from resolvers.refusals import SENTENCES, GateRefusal, Refusal
from schema.catalogue import CATALOGUE


def question(
    account: Account, access: Access, today: str, action: str | None = None, other: Account | None = None
) -> dict[str, Any]:
    """What policy is asked about a person: facts, stated access and the date; never the reason's text.

    Args:
        account: who asks.
        access: what the request states.
        today: the date, ISO 8601.
        action: what an operator wants to do, if policy knows it as an operation of its own: "close" or "reopen".
        other: whom they ask for, in a mediated request: policy is asked about each of the two by themselves.
    """
    stated = {"purpose": access.purpose, "reason_given": access.reason_given}
    return {
        "account": account.facts(),
        "access": stated if action is None else {**stated, "action": action},
        "today": today,
        **({"other": other.facts()} if other else {}),
    }


@dataclass(frozen=True, slots=True)
class _Gate:
    codes: tuple[str, ...]
    capacity: str


@dataclass(frozen=True, slots=True)
class _Decided:
    """What policy says of one person; no grants where the gate is closed."""

    gate: _Gate
    grants: Grants | None
    revision: str


@dataclass(eq=False)
class _Turn:
    """Those who wait for one decision: one asks, and the others have what comes of it.

    Attributes:
        lock: is held by whoever asks.
        failed: the codes with which policy failed, if it did.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failed: tuple[str, ...] = ()


class Decisions:
    """Grants for requests.

    Args:
        decider: the policy engine.
        classes: every class of every type, from the vocabulary; types that the schema does not have are left out.
        size: how many gates are kept; of grants, one for each capacity and two people's, a sixteenth of it.
        tell: is told of each decision whether it was remembered.
    """

    def __init__(
        self, decider: Decider, classes: Classes, size: int = 4096, tell: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._decider, self._tell = decider, tell
        self._classes = {name: keys for name, keys in classes.items() if name in CATALOGUE}
        self._gates: LRUCache[tuple[str, bytes], _Gate] = LRUCache(size)
        self._grants: LRUCache[tuple[str, str], Grants] = LRUCache(max(1, size // 16))
        self._turns: WeakValueDictionary[tuple[str, bytes], _Turn] = WeakValueDictionary()

    def under(self, decider: Decider, classes: Classes) -> "Decisions":
        """Those of another policy, of which nothing is remembered yet."""
        return Decisions(decider, classes, tell=self._tell)

    async def decide(self, asked: Mapping[str, Any], access: Access) -> Grants:
        """The grants under which an operation may read.

        Args:
            asked: what ``question`` made of the account and the access.
            access: what the request stated.

        Raises:
            GateRefusal: the gate is closed.
            Refusal: no decision can be had.
        """
        alone = {name: value for name, value in asked.items() if name != "other"}
        if access.mediated is not ("other" in asked):
            raise Refusal("MEDIATION_INVALID")
        mine = await self._decided(alone)
        if not access.mediated:
            return _granted(mine)
        theirs = await self._decided({**alone, "account": asked["other"]})
        return self._both(mine, theirs)

    async def _decided(self, asked: Mapping[str, Any]) -> _Decided:
        """What policy says of one person: as remembered, or asked now, once however many wait for it."""
        key = (await self._decider.revision(), orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))
        decided = self._remembered(key)
        self._tell(decided is not None)
        if decided is None:
            turn = self._turns.setdefault(key, _Turn())
            async with turn.lock:
                decided = self._remembered(key) or await self._in(turn, key, asked)
        return decided

    async def _in(self, turn: _Turn, key: tuple[str, bytes], asked: Mapping[str, Any]) -> _Decided:
        """Ask, or fail as whoever asked before in the same turn: policy that hangs is not waited for one by one."""
        if turn.failed:
            raise Refusal(*turn.failed)
        try:
            return await self._asked(asked, key[1])
        except Refusal as refusal:
            turn.failed = refusal.codes
            self._turns.pop(key, None)  # whoever comes from now on asks anew
            raise

    def _remembered(self, key: tuple[str, bytes]) -> _Decided | None:
        gate = self._gates.get(key)
        grants = None if gate is None else self._grants.get((key[0], gate.capacity))
        return None if gate is None or (grants is None and not gate.codes) else _Decided(gate, grants, key[0])

    async def _asked(self, asked: Mapping[str, Any], exact: bytes) -> _Decided:
        verdict = await self._decider.decide({**asked, "classes": question_about(self._classes)})
        revision = verdict.revision
        gate = self._gates[revision, exact] = _gate(verdict)
        if gate.codes:
            return _Decided(gate, None, revision)
        known = self._grants.get((revision, gate.capacity))
        grants = self._grants[revision, gate.capacity] = known or self._read(verdict)
        return _Decided(gate, grants, revision)

    def _both(self, mine: _Decided, theirs: _Decided) -> Grants:
        """What two people may see together; of why the other's gate is closed, who asks for them learns nothing."""
        my_grants = _granted(mine)
        try:
            their_grants = _granted(theirs)
        except GateRefusal as refusal:
            raise GateRefusal("MEDIATED_REFUSED", recorded=refusal.codes).by(theirs.revision) from None
        if my_grants.revision != their_grants.revision:
            raise Refusal("POLICY_UNAVAILABLE")  # it changed between the two questions
        key = (my_grants.revision, f"{mine.gate.capacity} & {theirs.gate.capacity}")
        if key not in self._grants:
            names = {name: attribute_names(keys) for name, keys in self._classes.items()}
            self._grants[key] = both(my_grants, their_grants, names)
        return self._grants[key]

    def _read(self, verdict: Verdict) -> Grants:
        decided = verdict.decision.get("grants")
        granted: Mapping[str, Any] = decided if isinstance(decided, Mapping) else {}
        classes: dict[str, Mapping[str, ClassGrant]] = {
            type_name: MappingProxyType(
                {key: class_grant(type_name, granted.get(f"{type_name}:{key}")) for key in keys}
            )
            for type_name, keys in self._classes.items()
        }
        schema = verdict.decision["capacity"].get("schema") is True
        return Grants(verdict.revision, MappingProxyType(classes), schema)


def _granted(decided: _Decided) -> Grants:
    if decided.gate.codes or decided.grants is None:
        raise GateRefusal(*decided.gate.codes or ("REFUSED",)).by(decided.revision)
    return decided.grants


def _gate(verdict: Verdict) -> _Gate:
    """The gate's part of a decision: open only if it says so in so many words."""
    decision = verdict.decision
    refusals, capacity = decision.get("refusals"), decision.get("capacity")
    if decision.get("allowed") is True and refusals == [] and isinstance(capacity, Mapping):
        return _Gate((), repr(sorted(capacity.items())))
    given = refusals if isinstance(refusals, list) else []
    known = [code for code in given if isinstance(code, str) and code in SENTENCES]
    return _Gate(tuple(known) or ("REFUSED",), "")
