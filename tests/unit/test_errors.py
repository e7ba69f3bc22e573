"""The table of refusals: complete, consistent and explained."""

import re
from pathlib import Path

from gateway.errors import REQUEST_ERRORS, STATUSES, status_of
from resolvers.refusals import SENTENCES

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


def test_every_refusal_has_a_status() -> None:
    """The table of statuses and the table of sentences name the same codes."""
    assert STATUSES.keys() == SENTENCES.keys()


def test_every_refusal_is_explained() -> None:
    """docs/errors.md lists every code once, with its status and its sentence as a client sees them."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \| (.+?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    expected = {code: (status, SENTENCES[code]) for code, status in STATUSES.items()}
    assert {code: (int(status), sentence) for code, status, sentence in rows} == expected
    assert len(rows) == len(expected)


def test_only_mistakes_of_the_client_are_forgiven_to_the_old_type() -> None:
    """With application/json a status other than the table's is sent for mistakes inside a well-formed request alone."""
    forgiven = {code for code in STATUSES if status_of(code, legacy=True, safe_method=False) == 200}
    assert forgiven == REQUEST_ERRORS
    assert all(STATUSES[code] == 400 for code in forgiven)


def test_an_unknown_code_is_a_fault() -> None:
    """A code that the table does not know is answered with 500, never with success."""
    assert status_of("NO_SUCH_CODE", legacy=True, safe_method=True) == 500
