"""Replay: what recorded accesses would have shown under other policies, and what cannot be known of them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.policy.files import PolicyFiles, read_policies
from gateway.policy.judge import Difference
from gateway.policy.store import at_hand
from gateway.workbench.replay import Replayer
from gateway.workbench.report import Flip, Report
from gateway.workbench.space import question
from tests.conftest import POLICIES
from tests.policy.conftest import Edit

FILES = read_policies(POLICIES)
WHO = ("partner-caseworker",)


def entry(**more: Any) -> dict[str, Any]:
    """A recorded access to two children by a partner's caseworker."""
    asked = question(["partner-caseworker"], "safeguarding")
    del asked["classes"]
    records = [
        record("open|false|direct", ["address", "givenName"], {}, "1", "2"),
        record("open|false|none", ["givenName"], {"address": "UNRELATED"}, "3"),
    ]
    told = {"receipt": "r", "at": "2026-06-30T12:00:00", "outcome": "answered", "codes": [], "revision": FILES.revision}
    return {**told, "operation": "00", "introspects": False, "question": asked, "records": records, **more}


def record(key: str, shown: list[str], withheld: Mapping[str, str], *ids: str) -> dict[str, Any]:
    """Some children of one class."""
    told = {"path": "child", "type": "Child", "class": key, "shown": shown, "withheld": withheld}
    return {**told, "ids": ids, "of": ids}


async def replayed(candidate: PolicyFiles, *entries: Mapping[str, Any]) -> Report:
    """A replay over these."""

    async def every() -> AsyncIterator[Mapping[str, Any]]:
        for each in entries:
            yield each

    return await Replayer(candidate, lambda revision: at_hand(revision, FILES, None)).replay(every())


def child(key: str, field: str, before: str, after: str) -> Flip:
    """Something of a child that would have been otherwise."""
    return Flip(WHO, Difference("Child", key, field, before, after))


def whole(before: str, after: str) -> Flip:
    """A whole access that would have been."""
    return Flip(WHO, Difference("Access", "", "allowed", before, after))


async def test_the_same_policies_change_nothing() -> None:
    """Under the policies that decided, nothing would have been otherwise, and nothing is undetermined."""
    report = await replayed(FILES, entry(), entry())
    assert (report.accesses, report.flips, report.undetermined) == (2, {}, {})


async def test_what_would_be_withheld_is_counted(folder: Path, edit: Edit) -> None:
    """Each value that would be withheld is counted by role, class and field, with the receipt of an access."""
    edit("directory/ties/data.json", '"organisation", "direct"', '"organisation"')
    report = await replayed(read_policies(folder), entry())
    flip = child("open|false|direct", "address", "shown", "UNRELATED")
    assert report.flips == {flip: 2}
    assert report.examples == {flip: ["r"]}


async def test_what_would_be_shown_is_counted(folder: Path, edit: Edit) -> None:
    """A value that was withheld and would be shown is counted as that, the most frequent flips first."""
    edit("directory/ties/data.json", '"organisation", "direct"', '"none"')
    told = (await replayed(read_policies(folder), entry())).as_json()
    assert [(each["before"], each["after"], each["count"]) for each in told["flips"]] == [
        ("shown", "UNRELATED", 2),
        ("UNRELATED", "shown", 1),
    ]


async def test_whoever_would_be_refused_is_counted(folder: Path, edit: Edit) -> None:
    """An access that would be refused is one flip, with the codes."""
    edit("directory/vetting/data.json", '"enhanced": 3', '"enhanced": 1')
    report = await replayed(read_policies(folder), entry())
    assert report.flips == {whole("shown", "VETTING_LAPSED"): 1}


async def test_whoever_would_be_let_in_is_counted_and_undetermined() -> None:
    """A refusal of policy's that would be none is a flip; what would have been shown cannot be known."""
    refused = entry(outcome="refused", codes=["VETTING_LAPSED"], records=[], revision=None)
    report = await replayed(FILES, refused, entry(outcome="refused", codes=["ACCOUNT_CHANGED"], records=[]))
    assert report.flips == {whole("VETTING_LAPSED", "shown"): 1}
    assert (report.accesses, report.unreadable, report.undetermined) == (1, 1, {"unseen": 1})


async def test_what_was_invisible_then_is_undetermined(folder: Path, edit: Edit) -> None:
    """Where a class would be visible that was not, or the revision is not at hand, the access is undetermined."""
    asked = question(["social-worker"], "safeguarding")
    involvement = {**record("universal|open|true|true", ["kind"], {}, "1"), "type": "Involvement"}
    access = entry(question=asked, records=[involvement])
    edit("directory/shielding/data.json", '"protected_kinds": ["universal", "additional"]', '"protected_kinds": []')
    report = await replayed(read_policies(folder), access)
    assert (report.flips, report.undetermined) == ({}, {"unseen": 1})
    assert (await replayed(FILES, {**access, "revision": "another"})).undetermined == {"revision unknown": 1}
    command = {**access, "operation": None, "records": []}
    assert (await replayed(read_policies(folder), command)).undetermined == {}


async def test_both_people_of_a_mediated_access_are_judged(folder: Path, edit: Edit) -> None:
    """A mediated access is decided for both people: what either of them would not see is otherwise, and no more."""
    asked = {**question(["social-worker"], "safeguarding"), "other": question(["partner-caseworker"], "")["account"]}
    del asked["classes"]
    met = record("open|true&false|none&direct", ["address", "givenName"], {}, "1")
    access = entry(question=asked, records=[met])
    assert (await replayed(FILES, access)).flips == {}
    edit("directory/ties/data.json", '"organisation", "direct"', '"organisation"')
    flips = (await replayed(read_policies(folder), access)).flips
    what = Difference("Child", "open|true&false|none&direct", "address", "shown", "UNRELATED")
    assert flips == {Flip(("social-worker",), what): 1}


async def test_the_other_persons_refusal_is_judged(folder: Path, edit: Edit) -> None:
    """Where the person asked for would be refused, the whole access would, for a reason that only the record names."""
    other = question(["partner-caseworker"], "", "vetting-three-years-old")["account"]
    asked = {**question(["social-worker"], "safeguarding"), "other": other}
    del asked["classes"]
    refused = entry(question=asked, outcome="refused", codes=["MEDIATED_REFUSED", "VETTING_LAPSED"], records=[])
    assert (await replayed(FILES, refused)).flips == {}
    edit("directory/vetting/data.json", '"enhanced": 3', '"enhanced": 4')
    report = await replayed(read_policies(folder), refused)
    assert [flip.what.before for flip in report.flips] == ["MEDIATED_REFUSED VETTING_LAPSED"]
    assert report.undetermined == {"unseen": 1}


async def test_a_candidate_that_decides_nothing_is_undetermined() -> None:
    """An access on which the candidate gives no decision is counted as that."""
    silent = replace(FILES, modules={"d.rego": "package directory.decision\n\ndecision := {} if not input.account\n"})
    report = await replayed(silent, entry())
    assert (report.accesses, report.flips, report.undetermined) == (1, {}, {"failed": 1})


async def test_what_is_no_access_to_records_is_left_out() -> None:
    """Entries without a question, or of types that the candidate does not know, are counted and left alone."""
    odd = [{**record("", [], {}), "type": "Diary"}]
    report = await replayed(FILES, entry(question=None), entry(question={"account": None}), entry(records=odd))
    assert (report.accesses, report.unreadable) == (0, 3)
