"""Name keys: how a name that is spelt or ordered otherwise finds its child, and a former one never passes for it."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.names import codes, name_keys, postcode_key, words

EXAMPLES = settings(max_examples=200, derandomize=True, database=None, deadline=None)
NAMES = st.text(st.characters(codec="utf-8"), max_size=30)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("O'Brien-Nuñez", ["obrien", "nunez"]),
        ("  Mary  Jane ", ["mary", "jane"]),
        ("ZOË", ["zoe"]),
        ("Straße", ["strasse"]),
        ("王小明", ["王小明"]),
        ("", []),
        ("- ' 1", []),
    ],
)
def test_a_name_is_its_words(name: str, expected: list[str]) -> None:
    """Case, accents, apostrophes and digits are left out; a hyphen parts two words."""
    assert words(name) == expected


@EXAMPLES
@given(NAMES)
def test_writing_does_not_change_a_name(name: str) -> None:
    """A name has the same words in every form of Unicode, and each word has codes."""
    for form in ("NFC", "NFD"):
        assert words(unicodedata.normalize(form, name)) == words(name)
    assert all(code.partition(":")[2] for word in words(name) for code in codes(word))


@pytest.mark.parametrize(
    ("meant", "typed"), [("smith", "smyth"), ("katherine", "kathreine"), ("philip", "phillip"), ("brown", "borwn")]
)
def test_a_misspelt_word_shares_a_code(meant: str, typed: str) -> None:
    """A word with a transposed, doubled or alike-sounding letter has a code in common with the right one."""
    assert set(codes(meant)) & set(codes(typed))


def test_a_postcode_is_compared_without_spaces() -> None:
    """A postcode is the same in any case and with any spaces."""
    assert postcode_key(" lo1\t2 ab ") == postcode_key("LO1 2AB") == "LO12AB"


def test_a_key_says_which_name_it_is_of() -> None:
    """Each word of each name has a key for each of its codes, which carries the field, the date and the postcode."""
    keys = name_keys("Mary-Jane", "Lee", [("Ann", "Lee")], "2019-01-02", "lo1 2ab")
    assert {(key["field"], key["name"]) for key in keys} == {
        ("givenName", "mary"),
        ("givenName", "jane"),
        ("familyName", "lee"),
        ("formerNames", "ann"),
        ("formerNames", "lee"),
    }
    assert {(key["dateOfBirth"], key["postcode"]) for key in keys} == {("2019-01-02", "LO12AB")}
    for key in keys:
        assert key["code"] in codes(key["name"])
    assert len(keys) == len({(key["code"], key["field"], key["name"]) for key in keys}) == 10


def test_a_child_without_an_address_has_keys() -> None:
    """Where no postcode is known the keys have none."""
    assert {key["postcode"] for postcode in (None, "") for key in name_keys("A", "B", [], "2019-01-02", postcode)} == {
        None
    }
