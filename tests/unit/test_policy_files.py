"""The policy folder: its revision is its content's, and tests are no part of it."""

import json
import shutil
from pathlib import Path

import pytest

from gateway.policy.files import PolicyError, read_policies
from tests.conftest import POLICIES


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A copy of the policies, to change."""
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def rules_and_tables() -> list[str]:
    """Every rule and table of the policies, by path."""
    files = [path for path in (POLICIES / "directory").rglob("*") if path.name == "data.json" or path.suffix == ".rego"]
    return sorted(path.relative_to(POLICIES).as_posix() for path in files if not path.stem.endswith("_test"))


def test_equal_folders_have_equal_revisions(folder: Path) -> None:
    """A copy of the policies, wherever it is, has the same revision."""
    assert read_policies(folder).revision == read_policies(POLICIES).revision


@pytest.mark.parametrize("name", rules_and_tables())
def test_any_change_of_a_rule_or_table_is_another_revision(folder: Path, name: str) -> None:
    """A rule or table with one character more, or away, has another revision."""
    before, path = read_policies(folder).revision, folder / name
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")
    changed = read_policies(folder).revision
    path.unlink()
    assert len({before, changed, read_policies(folder).revision}) == 3


def test_a_moved_rule_is_another_revision(folder: Path) -> None:
    """A rule under another name, or a line that moves from one file to the next, has another revision."""
    first, second = (folder / "directory/gate/role/role.rego", folder / "directory/gate/role/rolf.rego")
    revisions = [read_policies(folder).revision]
    first.rename(second)
    revisions.append(read_policies(folder).revision)
    first.write_text("package a\n\nb := 1\n", encoding="utf-8")
    second.write_text("c := 1\n", encoding="utf-8")
    revisions.append(read_policies(folder).revision)
    first.write_text("package a\n", encoding="utf-8")
    second.write_text("\nb := 1\nc := 1\n", encoding="utf-8")
    revisions.append(read_policies(folder).revision)
    assert len(set(revisions)) == 4


def test_tests_are_no_part_of_a_policy(folder: Path) -> None:
    """Tests and invariants of the policies, and other files beside them, neither change the revision nor are loaded."""
    before = read_policies(folder)
    for path in list(folder.rglob("*_test.rego")):
        path.write_text("nonsense", encoding="utf-8")
    (folder / "invariants" / "shield" / "shield.rego").write_text("nonsense", encoding="utf-8")
    (folder / "directory" / "notes.md").write_text("notes", encoding="utf-8")
    after = read_policies(folder)
    assert after.revision == before.revision
    assert set(after.modules) == set(before.modules) == {n for n in rules_and_tables() if n.endswith(".rego")}


def test_data_is_nested_by_folder(folder: Path) -> None:
    """A data document stands under the names of its folders, beside those of the folders above and below it."""
    for name, content in (("a", {"x": 1}), ("a/b", {"y": 2}), ("a/b/c", {"z": 3})):
        (folder / name).mkdir()
        (folder / name / "data.json").write_text(json.dumps(content), encoding="utf-8")
    assert read_policies(folder).data["a"] == {"x": 1, "b": {"y": 2, "c": {"z": 3}}}


def test_data_at_the_top_stands_at_the_top(folder: Path) -> None:
    """A data document in the policy folder itself is the root of the data, as OPA reads it."""
    (folder / "data.json").write_text('{"top": 1}', encoding="utf-8")
    assert read_policies(folder).data["top"] == 1


def test_an_empty_folder_is_no_policy(tmp_path: Path) -> None:
    """A folder without a rule, or none at all, is refused in words that say which setting to mend."""
    (tmp_path / "data.json").write_text("{}", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(PolicyError, match="DIRECTORY_POLICIES"):
            read_policies(folder)


def test_a_table_that_is_not_json_is_refused(folder: Path) -> None:
    """A data document that does not parse, or is no object, is refused by its name."""
    for text in ("{", "", "[]", "1"):
        (folder / "directory/contacts/data.json").write_text(text, encoding="utf-8")
        with pytest.raises(PolicyError, match=r"directory/contacts/data\.json"):
            read_policies(folder)


def test_the_tables_are_read_as_they_stand() -> None:
    """Contacts, search rules and classes are those of the policy's tables."""
    files = read_policies(POLICIES)
    assert set(files.contacts) == {"national-relay", "brokering"}
    assert files.search.candidates == 5
    assert files.search.suffices(frozenset({"familyName", "dateOfBirth", "givenName"}))
    assert not files.search.suffices(frozenset({"familyName", "givenName"}))
    assert set(files.classes["Organisation"]) == {""}
    assert len(files.classes["Child"]) == 3 * 2 * 3
