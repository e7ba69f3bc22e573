"""What is left out with … may be anything; what is shown may not."""

from typing import Any

import pytest

from tests.docs.matching import differences, matches

REAL = {"a": 1, "b": ["x", "y"], "c": {"d": None, "e": "long text"}}


@pytest.mark.parametrize(
    "shown",
    [
        REAL,
        "…",
        {"a": 1, "…": "…"},
        {"a": "…", "b": ["x", "…"], "c": {"d": None, "…": "…"}},
        {"a": 1, "b": ["…"], "c": {"d": "…", "e": "long…"}},
    ],
)
def test_what_is_as_shown_matches(shown: Any) -> None:
    """Left-out values, keys, items and parts of texts may be anything."""
    assert list(differences(shown, REAL)) == []


@pytest.mark.parametrize(
    "shown",
    [
        {"a": 1, "b": ["x", "y"]},
        {"a": 2, "…": "…"},
        {"a": True, "…": "…"},
        {"z": "…", "…": "…"},
        {"b": ["x"], "…": "…"},
        {"b": ["x", "y", "z", "…"], "…": "…"},
        {"c": {"d": "", "…": "…"}, "…": "…"},
        {"c": {"e": "…texts", "…": "…"}, "…": "…"},
        [],
    ],
)
def test_what_is_not_as_shown_does_not(shown: Any) -> None:
    """What is shown must be there, and nothing else unless it is left out in so many words."""
    assert list(differences(shown, REAL)) != []


def test_texts_are_compared_from_end_to_end() -> None:
    """A text matches as a whole, over several lines too."""
    assert matches("one …three", "one two\n three")
    assert not matches("one", "one two")
