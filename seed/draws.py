"""Draws that every part of the population shares: opaque identifiers, dates, weighted choices."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, TypeVar
from uuid import UUID, uuid5

T = TypeVar("T")

_NAMESPACE: Final = UUID("6f0c7a52-6c1e-5c0a-9a57-0d7d2f4c83b1")
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FREE: Final = ~(0xF << 76 | 0x3 << 62)
_VERSION_4: Final = 0x4 << 76 | 0x2 << 62
YEAR: Final = 365.2425
"""Days in a mean year."""


def opaque_id(rng: Random) -> str:
    """A random UUID (version 4): it tells nothing of its place in any order."""
    bits = rng.getrandbits(128) & _FREE | _VERSION_4
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def fixed_id(kind: str, name: str) -> str:
    """The identifier of something that is in every population: it depends on its kind and name alone."""
    return str(uuid5(_NAMESPACE, f"{kind}/{name}"))


def number_from(bits: int) -> str:
    """A child's number, such as ``7QF2-M9XK-04TD``, from 60 bits; letters that look like digits are not used."""
    signs = [_ALPHABET[bits >> shift & 31] for shift in range(55, -5, -5)]
    return "-".join("".join(signs[at : at + 4]) for at in (0, 4, 8))


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes 28 February where the year has none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age(born: date, today: date) -> int:
    """Age in completed years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def between(rng: Random, first: date, last: date) -> date:
    """A day from ``first`` to ``last``, both included; ``first`` where they are in the wrong order."""
    return first + timedelta(days=int(rng.random() * (max((last - first).days, 0) + 1)))


def pick(rng: Random, items: Sequence[T]) -> T:
    """One of the items, each as likely as another."""
    return items[int(rng.random() * len(items))]


def weighted(rng: Random, odds: Sequence[tuple[T, float]]) -> T:
    """One of the items, each as likely as its weight says; weights need not add up to one."""
    at = rng.random() * sum(weight for _, weight in odds)
    for item, weight in odds[:-1]:
        at -= weight
        if at < 0:
            return item
    return odds[-1][0]
