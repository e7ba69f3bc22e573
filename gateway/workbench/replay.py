"""Replay: recorded accesses, decided once more by other policies, and what of each would have been otherwise.

A record says what was shown and withheld of each class of record, and what policy was asked about each person. What was
invisible then left no trace; where the other policies might have met other records, or the policies of then are not at
hand, that is undetermined.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from typing import Any

from gateway.policy.files import PolicyFiles
from gateway.policy.judge import CODES, FAILED, UNSEEN, Decided, decided, judge
from gateway.policy.rego import RegoDecider
from gateway.workbench.report import Report
from resolvers.decide import Decisions
from resolvers.model import Shown
from resolvers.refusals import Refusal
from schema.catalogue import CATALOGUE

UNKNOWN = "revision unknown"
"""Why it is undetermined where the policies of then are not at hand."""


class Replayer:
    """Decides recorded accesses once more.

    Args:
        candidate: the policies to try.
        known: the policies of a recorded revision, or None where they are not at hand.

    Attributes:
        report: what was found.
    """

    def __init__(self, candidate: PolicyFiles, known: Callable[[str], PolicyFiles | None]) -> None:
        self._types = frozenset(candidate.classes) & frozenset(CATALOGUE)
        self._candidate, self._of = _decisions(candidate), cache(lambda revision: _decisions(known(revision)))
        self.report = Report()

    async def replay(self, entries: AsyncIterator[Mapping[str, Any]]) -> Report:
        """Decide each access once more."""
        async for entry in entries:
            await self.one(entry)
        return self.report

    async def one(self, entry: Mapping[str, Any]) -> None:
        """Decide one access once more."""
        asked, shown = entry.get("question"), [_shown(record) for record in entry["records"]]
        answered, codes = entry["outcome"] == "answered", tuple(entry["codes"])
        if not isinstance(asked, Mapping) or not isinstance(asked.get("account"), Mapping):
            self.report.unreadable += 1
            return
        if {each.type for each in shown} - self._types or not (answered or CODES.issuperset(codes)):
            self.report.unreadable += 1
            return
        after = await self._said(self._candidate, asked)
        before = await self._said(self._of(str(entry["revision"])), asked) if answered else codes
        if after is None:
            self.report.note(entry, {}, FAILED)
            return
        judged = judge(shown, before, after, introspects=entry["introspects"])
        reads = entry["operation"] is not None  # else it is what a command did, which meets no record
        why = UNKNOWN if before is None else UNSEEN
        self.report.note(entry, judged.differences, why if judged.unseen and reads else None)

    async def _said(self, decisions: Decisions | None, asked: Mapping[str, Any]) -> Decided | None:
        """What policies say; None where that cannot be known."""
        try:
            return await decided(decisions, asked) if decisions else None
        except Refusal:
            return None


def _decisions(policies: PolicyFiles | None) -> Decisions | None:
    return Decisions(RegoDecider(policies), policies.classes) if policies else None


def _shown(record: Mapping[str, Any]) -> Shown:
    return Shown(
        record["path"],
        record["type"],
        record["class"],
        tuple(record["shown"]),
        record["withheld"],
        tuple(record["ids"]),
        tuple(record["of"]),
    )
