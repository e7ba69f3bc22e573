"""What a child, or somebody who may ask for them, is told of who saw their record: less than an auditor is told.

Such a history leaves the directory, and may be read over the child's shoulder by whoever harms them. So it names an
organisation and never a person, says the day and never the hour, comes with a delay, tells nothing of accesses whose
purpose would give an enquiry away, nothing of what was done to relatives' records, and of a child who is or was
shielded names no organisation, which would say where to look. Where it names organisations, it leaves out whatever it
may not name: one that the child goes to in confidence, and the days on which the child was hidden. Nothing in it shows
that something was left out: there are no numbers, no gaps to count, and no line without a name among others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

GONE = "an organisation that is no longer there"
"""Stands for whoever looked and is not in the directory any more."""
_OPEN = "open"
_HIDDEN = frozenset({"protected", "shielded"})
_THROUGH_A_RELATIVE = "children"
"""The relation from a carer to the children they care for: whatever lies behind it was reached from a relative."""


@dataclass(frozen=True, slots=True)
class SubjectRules:
    """Policy data on what subjects are told.

    Attributes:
        delay: how old an access is before it is told.
        untold: purposes of accesses that are never told.
        kinds: for each type of record, the data class of each field.
    """

    delay: timedelta
    untold: frozenset[str]
    kinds: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a subject's history.

    Attributes:
        day: the day.
        organisation: the name of the organisation that looked; None throughout where none must be named.
        purpose: what for.
        seen: what kinds of information they saw, in alphabetical order.
    """

    day: date
    organisation: str | None
    purpose: str
    seen: tuple[str, ...]


def told(
    rows: Iterable[Mapping[str, Any]],
    child: str,
    names: Mapping[str, str | None] | None,
    today: date,
    rules: SubjectRules,
) -> list[Told]:
    """A subject's history, the newest day first.

    Args:
        rows: rows of the archive's `records` that concern the child, whatever else is among them.
        child: the child's identifier.
        names: the organisations that there are, by their identifiers, each with its name, or None where it may not be
            named to this child; None of a child who is not surely open, whose history names none.
        today: the date.
        rules: what subjects are told.
    """
    of_child = sorted((row for row in rows if _is_told(row, child, today, rules)), key=_leaf)
    days: dict[tuple[date, str | None, str], set[str]] = {}
    for _, access in groupby(of_child, key=_leaf):
        seen = list(access)
        organisation = names.get(seen[0]["organisation"], GONE) if names is not None and _was_open(seen) else None
        if organisation is None and names is not None:
            continue
        key = (_day(seen[0]), organisation, seen[0]["purpose"])
        days.setdefault(key, set()).update(kind for row in seen for kind in _kinds(row, rules))
    lines = [Told(*key, tuple(sorted(kinds))) for key, kinds in days.items() if kinds]
    return sorted(lines, key=lambda line: (-line.day.toordinal(), line.organisation or "", line.purpose))


def _is_told(row: Mapping[str, Any], child: str, today: date, rules: SubjectRules) -> bool:
    return (
        row["of"] == child
        and row["outcome"] == "answered"
        and row["purpose"] is not None
        and row["purpose"] not in rules.untold
        and _day(row) + rules.delay <= today
        and _THROUGH_A_RELATIVE not in row["path"].split(".")
    )


def _was_open(access: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an access itself says that the child was not shielded then; not if it says nothing."""
    states = {part for row in access for part in (row["class"] or "").split("|")}
    return _OPEN in states and not states & _HIDDEN


def _kinds(row: Mapping[str, Any], rules: SubjectRules) -> Iterable[str]:
    """The kinds of information in a row; a field that policy does not know any more counts as none."""
    known = rules.kinds.get(row["type"], {})
    return (known[field] for field in row["shown"] if field in known)


def _leaf(row: Mapping[str, Any]) -> int:
    leaf: int = row["leaf"]
    return leaf


def _day(row: Mapping[str, Any]) -> date:
    at: datetime = row["at"]
    return at.date()
