"""What a subject is told: never more than it should be, whatever the archive holds."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.subject import GONE, SubjectRules, Told, told
from gateway.policy.files import read_policies
from gateway.settings import ROOT

RULES = SubjectRules(
    timedelta(days=30),
    frozenset({"safeguarding"}),
    {"Child": {"givenName": "identity", "address": "address"}, "Care": {"relationship": "family"}},
)
TODAY = date(2026, 6, 1)
NAMES = {"o": "The Council", "p": "The School", "q": None}


def row(**more: Any) -> dict[str, Any]:
    """A row of the archive: an access of long ago to an open child."""
    usual = {
        "leaf": 1,
        "of": "c",
        "at": datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC),
        "outcome": "answered",
        "purpose": "coordinate-services",
        "organisation": "o",
        "account": "somebody",
        "path": "child",
        "type": "Child",
        "class": "open|true|none",
        "shown": ["givenName"],
    }
    return {**usual, **more}


def history(*rows: Mapping[str, Any], names: Mapping[str, str | None] | None = NAMES) -> list[Told]:
    """What the child is told."""
    return told(rows, "c", names, TODAY, RULES)


LINE = Told(date(2026, 3, 2), "The Council", "coordinate-services", ("identity",))


def test_an_access_is_told_by_its_organisation_and_day() -> None:
    """An ordinary access is told as a day, an organisation's name, a purpose and kinds of information."""
    assert history(row()) == [LINE]


def test_accesses_of_a_day_cannot_be_counted() -> None:
    """However often an organisation looked on a day, for a purpose, it is one line with all that was seen."""
    rows = [row(leaf=n, shown=[["givenName"], ["address"]][n % 2]) for n in range(7)]
    rows += [row(leaf=9, type="Care", path="child.carers", shown=["relationship", "no longer known"])]
    rows += [row(leaf=9)]
    assert history(*rows) == [Told(LINE.day, LINE.organisation, LINE.purpose, ("address", "family", "identity"))]


@pytest.mark.parametrize(
    "more",
    [
        {"of": "sibling"},
        {"of": None},
        {"outcome": "refused"},
        {"purpose": "safeguarding"},
        {"purpose": None},
        {"path": "child.carers.children"},
        {"path": "_entities.children.involvements"},
        {"at": datetime(2026, 5, 3, tzinfo=UTC)},
        {"shown": []},
        {"type": "Unknown"},
    ],
    ids=str,
)
def test_what_must_not_be_told_leaves_no_trace(more: Mapping[str, Any]) -> None:
    """What is another's, refused, untold, recent, empty, or reached through a relative is as if it had not been."""
    assert history(row(**more)) == []
    assert history(row(), row(leaf=2, **more)) == history(row())


def test_what_is_old_enough_is_told_on_the_day() -> None:
    """An access is told from the day on which the delay is over."""
    assert [line.day for line in history(row(at=datetime(2026, 5, 2, 23, tzinfo=UTC)))] == [date(2026, 5, 2)]


@pytest.mark.parametrize(
    "classes", [["shielded|true|none"], ["protected|x"], [None], ["true"], ["open|a", "shielded|a"]]
)
def test_an_access_to_a_hidden_child_names_nobody(classes: list[str | None]) -> None:
    """An access while the child was shielded, protected or of unknown state is left out, or told without a name."""
    rows = [row(**{"class": each, "shown": ["givenName"]}) for each in classes]
    assert history(*rows, row(leaf=2)) == [LINE]
    assert history(*rows, names=None) == [Told(LINE.day, None, LINE.purpose, ("identity",))]


def test_what_may_not_be_named_now_is_not_named() -> None:
    """Once a child is shielded, no organisation is named of any time, and accesses of a day by several are one line."""
    assert history(row(), row(leaf=2, organisation="p"), names=None) == [
        Told(LINE.day, None, LINE.purpose, ("identity",))
    ]


def test_what_may_not_be_named_leaves_no_line_among_others() -> None:
    """Whatever an open child may not be told by name, such as a confidential service, is as if it had not been."""
    assert history(row(organisation="q"), row(leaf=2)) == [LINE]
    assert history(row(organisation="q")) == []
    assert history(row(organisation="r")) == [Told(LINE.day, GONE, LINE.purpose, ("identity",))]


paths = st.lists(st.sampled_from(["child", "carers", "children", "involvements"]), min_size=1, max_size=4)
any_row = st.builds(
    row,
    leaf=st.integers(0, 5),
    of=st.sampled_from(["c", "d", None]),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 7, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as it asks for
    outcome=st.sampled_from(["answered", "failed"]),
    purpose=st.sampled_from(["coordinate-services", "safeguarding", "other", None]),
    organisation=st.sampled_from(["o", "p", "q", None]),
    path=paths.map(".".join),
    shown=st.lists(st.sampled_from(["givenName", "address"]), max_size=2),
)


def of_entries(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as entries leave them: those of one leaf share who, when, why and how it ended."""
    first = {each["leaf"]: each for each in reversed(rows)}
    shared = ("at", "outcome", "purpose", "organisation")
    return [each | {name: first[each["leaf"]][name] for name in shared} for each in rows]


@given(st.lists(any_row, max_size=12).map(of_entries), st.sampled_from([NAMES, {}, None]))
def test_the_order_of_the_archive_tells_nothing(
    rows: list[dict[str, Any]], names: dict[str, str | None] | None
) -> None:
    """The history is the same in whatever order rows come, newest day first, no line twice, nothing untold in it."""
    lines = history(*rows, names=names)
    assert history(*reversed(rows), names=names) == lines
    assert [line.day for line in lines] == sorted((line.day for line in lines), reverse=True)
    assert len({(line.day, line.organisation, line.purpose) for line in lines}) == len(lines)
    assert {line.organisation for line in lines} <= ({None} if names is None else {*filter(None, names.values()), GONE})
    assert not {line.purpose for line in lines} & {"safeguarding", None}
    assert all(line.day + RULES.delay <= TODAY for line in lines)


def test_policy_says_what_is_told() -> None:
    """The rules come from policy data: the delay, what is never told, and the kind of every field."""
    rules = read_policies(ROOT / "policies").subjects
    assert rules.delay == timedelta(days=30)
    assert {"safeguarding", "audit-review", "subject-access"} == rules.untold
    assert rules.kinds["Child"]["address"] == "address"
