"""Questions to the archive: what they find, what they leave out, and what stays readable."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit.archive.folder import ArchiveError, Folder, NotArchivedError
from audit.keystore import KeyStore, KeyStoreError
from audit.note import generate
from audit.questions import Answer, Archive, Question, confided
from resolvers.model import Access, Entry, Shown
from tests.archives import DAY, LOG, READING, MemoryStream, Scribe, archiver
from tests.evidence import entry


def touching(receipt: int, account: str, *children: str, **more: object) -> Entry:
    """An access to some children's records and their carers."""
    shown = (
        Shown("child", "Child", "open|true|none", ("number",), {"gender": "ROLE"}, children, children),
        Shown("child.carers", "Carer", "open", ("name",), {}, tuple(f"carer-of-{c}" for c in children), children),
    )
    said = replace(entry(f"{receipt:032x}", f"reason {receipt}"), account=account, disclosed=shown if children else ())
    return replace(said, at=f"2026-03-0{receipt % 5 + 1}T09:00:00.000+00:00", **more)  # type: ignore[arg-type]


@pytest.fixture(name="asked", scope="module")
def _asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of five days: who looked at which child, in several files, and a refused question."""
    folder, stream = tmp_path_factory.mktemp("asked") / "archive", MemoryStream()
    scribe, keeper = Scribe(stream), archiver(folder, stream)
    for number, (account, children) in enumerate(
        [("ann", "x"), ("ann", "xy"), ("bob", "y"), ("bob", "x"), ("cid", "z")]
    ):
        area = {"area": "north" if account == "ann" else "south", "organisation": f"of-{account}"}
        scribe.access(touching(number, account, *children, **area))
        stream.now += DAY
        keeper.round()
    refused = Access("safeguarding", "mine", mediated=True)
    scribe.access(touching(5, "ann", outcome="refused", codes=("ROLE",), access=refused, area="north"))
    helped = Access("safeguarding", "theirs", on_behalf_of="dee", mediated=True)
    scribe.access(touching(6, "eve", access=helped, area="south"))
    keeper.round()
    return folder


def ask(folder: Path, **question: object) -> Answer:
    """What the archive answers."""
    return Archive(folder, LOG.verifier).accesses(Question(**question))  # type: ignore[arg-type]


def receipts(answer: Answer) -> list[int]:
    """Which accesses an answer names."""
    return [int(access.receipt, 16) for access in answer.accesses]


def test_who_has_seen_a_child(asked: Path) -> None:
    """Of a child, every access that touched its record is told, newest first, with what was seen, and no other."""
    answer = ask(asked, child="x")
    assert receipts(answer) == [3, 1, 0]
    assert (answer.more, answer.purged) == (False, None)
    assert answer.until == datetime(2026, 3, 7, 12, 0, 8, tzinfo=UTC)
    second = answer.accesses[1]
    assert (second.account, second.organisation, second.area, second.purpose) == (
        "ann",
        "of-ann",
        "north",
        "safeguarding",
    )
    assert [(each.type, each.id, each.of, each.shown, dict(each.withheld)) for each in second.records] == [
        ("Child", "x", "x", ("number",), {"gender": "ROLE"}),
        ("Carer", "carer-of-x", "x", ("name",), {}),
    ]


def test_all_that_an_account_asked(asked: Path) -> None:
    """Of an account, every operation is told, with all that it touched, and those that were refused too."""
    answer = ask(asked, account="ann")
    assert receipts(answer) == [5, 1, 0]
    refused = answer.accesses[0]
    assert (refused.outcome, refused.codes, refused.records, refused.mediated) == ("refused", ("ROLE",), (), "true")
    assert [each.id for each in answer.accesses[1].records] == ["x", "y", "carer-of-x", "carer-of-y"]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"child": "x", "account": "bob"}, [3]),
        ({"child": "x", "area": "north"}, [1, 0]),
        ({"account": "ann", "organisation": "of-bob"}, []),
        ({"child": "x", "since": date(2026, 3, 2)}, [3, 1]),
        ({"child": "x", "until": date(2026, 3, 2)}, [1, 0]),
        ({"child": "x", "since": date(2026, 3, 4), "until": date(2026, 3, 4)}, [3]),
        ({"child": "nobody"}, []),
        ({"child": "x", "since": date.min, "until": date.max}, [3, 1, 0]),
        ({"account": "dee"}, [6]),
        ({"account": "eve"}, [6]),
        ({"account": ""}, []),
        ({"account": "e"}, []),
        ({"account": "true"}, []),
    ],
)
def test_everything_that_is_asked_must_hold(asked: Path, question: dict[str, object], found: list[int]) -> None:
    """Child, account, authority, organisation and days narrow the answer; an account is whole, a day any there is."""
    assert receipts(ask(asked, **question)) == found


def test_a_limit_leaves_out_the_oldest(asked: Path) -> None:
    """With a limit the newest are told, and that there are more."""
    for limit, more in ((2, True), (3, False)):
        answer = ask(asked, child="x", limit=limit)
        assert (receipts(answer), answer.more) == ([3, 1, 0][:limit], more)


def test_something_must_be_asked() -> None:
    """Nobody can ask for everything."""
    with pytest.raises(ValueError, match="a child, an account or both"):
        Question(area="north")


def test_reasons_are_read_with_their_keys_until_they_are_forgotten(asked: Path) -> None:
    """With the reading key the reason is told; when a subject's keys are gone, it is only where another's remain."""
    store = KeyStore(asked.parent / "archive-keys.sqlite")
    said = [
        (each.receipt[-1], told and told["reason"])
        for each, told in confided(ask(asked, child="x").accesses, store, READING)
    ]
    assert said == [("3", "reason 3"), ("1", "reason 1"), ("0", "reason 0")]
    for subject in ("x", "carer-of-x"):
        store.forget(subject)
    said = [
        (each.receipt[-1], told and told["reason"])
        for each, told in confided(ask(asked, child="x").accesses, store, READING)
    ]
    assert said == [("3", None), ("1", "reason 1"), ("0", None)]


def test_without_an_archive_there_is_no_answer(tmp_path: Path, asked: Path) -> None:
    """An archive that is not there yet, or is not this log's, is said, with what to do."""
    with pytest.raises(NotArchivedError, match="directory audit archive"):
        ask(tmp_path, child="x")
    with pytest.raises(ArchiveError, match="not signed with the key"):
        Archive(asked, generate(LOG.verifier.name).verifier).accesses(Question(child="x"))


def test_a_file_that_is_merged_meanwhile_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question whose files are merged into others while it is answered is answered from those."""
    folder, stream = tmp_path / "archive", MemoryStream()
    scribe, keeper = Scribe(stream), archiver(folder, stream)
    scribe.access(touching(1, "ann", "x"))
    keeper.round()
    real, moved = Folder.data, list[str]()

    def late(self: Folder, name: str) -> Path:
        found = real(self, name)
        if not moved:
            moved.append(name)
            scribe.access(touching(2, "bob", "x"))
            keeper.round()
            assert not found.exists()
        return found

    monkeypatch.setattr(Folder, "data", late)
    assert receipts(ask(folder, child="x")) == [2, 1]


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    """A question to an archive of which a file is missing is not answered from the rest."""
    folder, stream = tmp_path / "archive", MemoryStream()
    Scribe(stream).access(touching(1, "ann", "x"))
    archiver(folder, stream).round()
    next((folder / "records").rglob("*.parquet")).unlink()
    with pytest.raises(ArchiveError, match="directory audit verify"):
        ask(folder, child="x")


def test_keys_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    """A key store that is damaged is named, with what to mend; one that is not there yet holds nothing."""
    assert KeyStore(tmp_path / "none.sqlite").get(["x|2026-03|1"]) == {}
    (tmp_path / "keys.sqlite").write_bytes(b"damaged" * 1000)
    with pytest.raises(KeyStoreError, match=r"keys\.sqlite cannot be used"):
        KeyStore(tmp_path / "keys.sqlite").get(["x|2026-03|1"])


def test_forgetting_takes_two_people(tmp_path: Path) -> None:
    """A proposal is seconded by another account only, and once; after that it begins anew."""
    store = KeyStore(tmp_path / "keys.sqlite")
    store.add({"x|2026-03|1": b"1", "x|2026-04|1": b"2", "y|2026-03|1": b"3"})
    assert [store.is_seconded("x", who) for who in ("ann", "ann", "bob")] == [False, False, True]
    assert store.forget("x") == 2
    assert not store.is_seconded("x", "bob")
    assert store.get(["x|2026-03|1", "y|2026-03|1"]) == {"y|2026-03|1": b"3"}
    store.add({"y|2026-05|1": b"4"})
    assert (store.purge("2026-05"), list(store.get(["y|2026-03|1", "y|2026-05|1"]))) == (1, ["y|2026-05|1"])


def test_rows_on_records_are_there_for_other_uses(asked: Path) -> None:
    """The rows on records are those that were touched, whole; of days without any there are none."""
    found = Archive(asked, LOG.verifier).records(Question(child="x"))
    assert [(int(row["receipt"], 16), row["type"], row["id"]) for row in found] == [
        (n, kind, name) for n in (0, 1, 3) for kind, name in (("Child", "x"), ("Carer", "carer-of-x"))
    ]
    assert Archive(asked, LOG.verifier).records(Question(child="x", since=date(2030, 1, 1))) == []
