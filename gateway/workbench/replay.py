"""Replay: recorded accesses, decided once more by other policies, and what of each would have been otherwise.

A record says what was shown and withheld of each class of record. What was invisible then left no trace, so whether
there was any such record cannot be known: where the other policies would show a class that was invisible then, or the
policies of then are not at hand, the access is counted as undetermined.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from gateway.policy.files import PolicyFiles
from gateway.workbench.space import Ask

_EXAMPLES = 3
_KEPT = 4096
SHOWN, HIDDEN = "shown", "invisible"


@dataclass(frozen=True, slots=True, order=True)
class Flip:
    """Something that would have been otherwise.

    Attributes:
        roles: whose access it was, by the account's roles.
        type: the record type; "Access" where the whole access is meant.
        key: the record's class key.
        field: the field.
        before: what was recorded: "shown", or the code of a reason or refusal.
        after: what it would be.
    """

    roles: tuple[str, ...]
    type: str
    key: str
    field: str
    before: str
    after: str


@dataclass(slots=True)
class Report:
    """What a replay found.

    Attributes:
        accesses: how many accesses were decided once more.
        unreadable: how many had no question, or one of another form.
        undetermined: how many might have met records that were invisible then.
        flips: how many values would have been otherwise.
        examples: for each flip, receipts of some accesses.
    """

    accesses: int = 0
    unreadable: int = 0
    undetermined: int = 0
    flips: Counter[Flip] = field(default_factory=Counter)
    examples: dict[Flip, list[str]] = field(default_factory=dict)

    def note(self, flip: Flip, count: int, receipt: str) -> None:
        """Count a flip."""
        self.flips[flip] += count
        known = self.examples.setdefault(flip, [])
        if len(known) < _EXAMPLES and receipt not in known:
            known.append(receipt)

    def as_json(self) -> dict[str, Any]:
        """For programs, the most frequent flips first."""
        flips = [
            {**{name: getattr(flip, name) for name in Flip.__slots__}, "count": count, "examples": self.examples[flip]}
            for flip, count in sorted(self.flips.items(), key=lambda each: (-each[1], each[0]))
        ]
        counts = {name: getattr(self, name) for name in ("accesses", "unreadable", "undetermined")}
        return {**counts, "flips": flips}


class Replayer:
    """Decides recorded accesses once more.

    Args:
        candidate: the policies to try.
        ask: an engine that decides by them.
        base: an engine that decides by the policies of a recorded revision, by that revision, as far as they are known.
        since: from when on, ISO 8601; the empty text is from the beginning.
    """

    def __init__(self, candidate: PolicyFiles, ask: Ask, base: Mapping[str, Ask], since: str = "") -> None:
        self._classes, self._ask, self._base, self._since = candidate.classes, ask, base, since
        self._known: LRUCache[str, Mapping[str, Any]] = LRUCache(_KEPT)
        self.report = Report()

    async def replay(self, entries: AsyncIterator[Mapping[str, Any]]) -> Report:
        """Decide each access once more."""
        async for entry in entries:
            if str(entry["at"]) >= self._since:
                self.one(entry)
        return self.report

    def one(self, entry: Mapping[str, Any]) -> None:
        """Decide one access once more."""
        asked, types = entry.get("question"), {record["type"] for record in entry["records"]}
        decided = isinstance(asked, Mapping) and isinstance(asked.get("account"), Mapping)
        if not isinstance(asked, Mapping) or not decided or types - set(self._classes):
            self.report.unreadable += 1
            return
        self.report.accesses += 1
        decision = self._decided("", self._ask, asked, types)
        roles = tuple(sorted(map(str, asked["account"].get("roles", ()))))
        let_in, codes = decision["allowed"] is True, [code for code in entry["codes"] if code in _POLICY]
        if entry["outcome"] == "answered" and not let_in:
            flip = Flip(roles, "Access", "", "allowed", SHOWN, " ".join(decision["refusals"]))
            self.report.note(flip, 1, entry["receipt"])
        elif entry["outcome"] == "answered":
            for record in entry["records"]:
                grant = decision["grants"][f"{record['type']}:{record['class']}"]
                self._record(roles, record, grant, entry["receipt"])
            self.report.undetermined += self._may_meet_more(entry, asked, types, decision["grants"])
        elif codes and let_in:
            self.report.note(Flip(roles, "Access", "", "allowed", " ".join(codes), SHOWN), 1, entry["receipt"])
            self.report.undetermined += 1

    def _record(
        self, roles: tuple[str, ...], record: Mapping[str, Any], grant: Mapping[str, Any], receipt: str
    ) -> None:
        before = {**dict.fromkeys(record["shown"], SHOWN), **record["withheld"]}
        for name, said in before.items():
            after = SHOWN if name in grant["open"] else grant["withheld"].get(name, HIDDEN)
            if after != said:
                flip = Flip(roles, record["type"], record["class"], name, said, after)
                self.report.note(flip, len(record["ids"]), receipt)

    def _may_meet_more(
        self, entry: Mapping[str, Any], asked: Mapping[str, Any], types: set[str], grants: Mapping[str, Any]
    ) -> bool:
        """Whether a class is visible now that was not then, or may not have been."""
        base = self._base.get(str(entry["revision"]))
        if base is None:
            return True
        then = self._decided(str(entry["revision"]), base, asked, types)["grants"]
        return any(grant["visible"] and not then.get(ref, {}).get("visible") for ref, grant in grants.items())

    def _decided(self, name: str, ask: Ask, asked: Mapping[str, Any], types: set[str]) -> Mapping[str, Any]:
        classes = {
            f"{type_name}:{key}": {"type": type_name, "attributes": attributes}
            for type_name in sorted(types)
            for key, attributes in self._classes[type_name].items()
        }
        exact = json.dumps([name, asked, sorted(types)], sort_keys=True)
        if exact not in self._known:
            self._known[exact] = ask({**asked, "classes": classes})
        return self._known[exact]


_POLICY = frozenset(
    {
        "ACCOUNT_SUSPENDED",
        "ACTION_NOT_FOR_ROLE",
        "AGREEMENT_MISSING",
        "DIRECTORY_CLOSED",
        "NO_ROLE",
        "ORGANISATION_NOT_ACCREDITED",
        "PURPOSE_NOT_FOR_ROLE",
        "PURPOSE_UNKNOWN",
        "REASON_REQUIRED",
        "TRAINING_LAPSED",
        "VETTING_LAPSED",
    }
)
"""The codes of the gate."""
