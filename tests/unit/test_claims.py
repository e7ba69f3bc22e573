"""The page of security claims names tests that exist."""

import re

from gateway.settings import ROOT

PAGE = ROOT / "docs" / "security-claims.md"
CLAIM = re.compile(r"\| (.+) \| ((?:`[\w/]+\.py::test_\w+`(?:, )?)+) \|")


def rows() -> list[str]:
    """The rows of the page's table, without its head."""
    return [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")][2:]


def test_every_clause_has_its_tests() -> None:
    """Each row of the page gives a clause and at least one test, in the form that is checked here."""
    assert len(rows()) > 40
    assert [row for row in rows() if not CLAIM.fullmatch(row)] == []


def test_every_named_test_exists() -> None:
    """Each test that the page names is a test of that file, with a docstring."""
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE.read_text("utf-8"))
    texts = {name: (ROOT / "tests" / name).read_text("utf-8") for name, _ in named}
    told = r'def {}\((?:[^"]|"(?!""))*?"""'
    assert [each for each in named if not re.search(told.format(each[1]), texts[each[0]])] == []
