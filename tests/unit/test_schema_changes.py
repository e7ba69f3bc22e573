"""A change of the schema is seen, and one that breaks its clients is declared with a date first."""

import pytest

from gateway.settings import ROOT
from schema import changes as subject
from schema.changes import changelog, changes, undated, undeclared
from schema.executable import SDL

NUMBER = '  """The directory\'s own number for the child."""\n  number: String\n\n'
PAGE = ROOT / "docs" / "schema-changes.md"


def test_no_breaking_change_is_undeclared() -> None:
    """What would break a client or a composed graph since the last published version is declared, with its date."""
    how = "Declare it in schema/published/breaking.json, with a date and what to do instead, or take it back."
    assert undeclared(SDL) == [], how


def test_every_deprecation_says_until_when() -> None:
    """A deprecated field, argument or value says a date until which it stays."""
    assert undated(SDL) == []


def test_the_changelog_is_current() -> None:
    """The page of changes is what the command prints."""
    assert PAGE.read_text("utf-8") == f"{changelog(SDL)}\n", "directory schema changelog > docs/schema-changes.md"


@pytest.mark.parametrize(
    ("old", "new", "kind", "what"),
    [
        (NUMBER, "", "breaking", "Field Child.number was removed."),
        ("  number: String\n", "  number: Int\n", "breaking", "Field Child.number changed type from String to Int."),
        ('type Child @key(fields: "id")', "type Child", "breaking", "Child has no key id any more."),
        ("  CURRENT\n", "  CURRENT\n\n  TEMPORARY\n", "added", "AddressState.TEMPORARY was added."),
        ("  CURRENT\n", "  CURRENT\n\n  TEMPORARY\n", "dangerous", "Enum value AddressState.TEMPORARY was added."),
        ("  number: String\n", "  number: String\n  nhs: String\n", "added", "Child.nhs was added."),
    ],
)
def test_each_kind_of_change_is_told(old: str, new: str, kind: str, what: str) -> None:
    """A field, a type, a key or a value that goes, changes or comes is in the list, as what it is."""
    assert old in SDL
    found = {(each.kind, each.what.rstrip(".")) for each in changes(SDL, SDL.replace(old, new, 1))}
    assert (kind, what.rstrip(".")) in found


def test_nothing_changed_is_nothing_to_tell() -> None:
    """A definition differs from itself in nothing, with or without @authenticated."""
    from schema.sdl import definition  # noqa: PLC0415 - the variant alone is needed here

    assert changes(SDL, SDL) == []
    assert changes(SDL, definition(authenticated=True)) == []


def test_a_breaking_change_needs_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """A breaking change is refused while it is undeclared or declared without a date, and is then in the changelog."""
    broken = SDL.replace(NUMBER, "", 1)
    what = next(each.what for each in changes(SDL, broken) if each.kind == "breaking")
    assert undeclared(broken) == [what]
    monkeypatch.setattr(subject, "_declared", lambda: {what: "Use id instead."})
    assert undeclared(broken) == [what]
    monkeypatch.setattr(subject, "_declared", lambda: {what: "From 2027-05-01: use id instead."})
    assert undeclared(broken) == []
    assert f"- **breaking**: {what} From 2027-05-01: use id instead." in changelog(broken)


@pytest.mark.parametrize(
    ("reason", "found"), [("Use id.", True), ("Until 2027-05-01; use id.", False), ("2027-13-01", True)]
)
def test_a_deprecation_without_a_date_is_found(reason: str, *, found: bool) -> None:
    """A reason without a date, or with a day that is none, is not enough."""
    marked = SDL.replace("  number: String\n", f'  number: String @deprecated(reason: "{reason}")\n', 1)
    assert undated(marked) == (["Child.number"] if found else [])
