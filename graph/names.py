"""Name keys: how a misspelt or swapped name still finds its child through an index.

Each word of each name is stored under two codes: how it sounds (Metaphone) and its skeleton (first letter, then the
other consonants sorted), which survives transposed and doubled letters. A key carries the field it came from, so that
a former name never passes for a name, and the date of birth and postcode that a search must also give, so that one
index entry holds few children at any size.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypedDict

import jellyfish

_VOWELS = frozenset("aeiou")


class NameKey(TypedDict):
    """The properties of one ``(:NameKey)`` node; ``postcode`` is absent where none is known."""

    code: str
    field: str
    name: str
    dateOfBirth: str
    postcode: str | None


def words(name: str) -> list[str]:
    """The words of a name in lower case without accents or punctuation: "O'Brien-Nuñez" gives obrien, nunez."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c for c in plain if c.isalpha() or c in " -")
    return kept.replace("-", " ").split()


def codes(word: str) -> list[str]:
    """The codes of one normalised word: its sound and its skeleton."""
    sound = jellyfish.metaphone(word) or word.upper()
    skeleton = word[0] + "".join(sorted({c for c in word[1:] if c not in _VOWELS}))
    return [f"sound:{sound}", f"bones:{skeleton}"]


def postcode_key(postcode: str) -> str:
    """A postcode as it is compared: upper case, no spaces."""
    return "".join(postcode.split()).upper()


def name_keys(
    given: str, family: str, former: Sequence[tuple[str, str]], date_of_birth: str, postcode: str | None
) -> list[NameKey]:
    """Every key that may find a child: one for each code of each word of each name."""
    named: Iterable[tuple[str, str]] = [
        ("givenName", given),
        ("familyName", family),
        *(("formerNames", part) for pair in former for part in pair),
    ]
    place = postcode_key(postcode) if postcode else None
    keys = {(code, field, word) for field, name in named for word in words(name) for code in codes(word)}
    return [
        NameKey(code=code, field=field, name=word, dateOfBirth=date_of_birth, postcode=place)
        for code, field, word in sorted(keys)
    ]
