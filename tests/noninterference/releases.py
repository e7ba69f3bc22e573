"""The policy's list of releases: the attributes that may depend on what their reader may not see."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from resolvers.grants import CLOSED, ClassGrant
from tests.generative.grants import CLASSES
from tests.noninterference.facts import Grants
from tests.noninterference.variants import Refused

_FILE = Path(__file__).parents[2] / "policies" / "directory" / "releases" / "data.json"
LISTED: frozenset[str] = frozenset(json.loads(_FILE.read_text(encoding="utf-8")))
"""The releases: an attribute, or one value that an attribute takes or loses."""


@dataclass
class Releases:
    """Explains why a change of hidden facts showed.

    Attributes:
        used: how often each listed release did.
        unlisted: what showed without being on the list, with the facts that were changed.
    """

    used: Counter[str] = field(default_factory=Counter)
    unlisted: list[str] = field(default_factory=list)

    def explain(self, shown: Iterable[Refused], grants: Grants) -> None:
        """Find the attributes through which hidden facts showed."""
        for refused in shown:
            reasons = set(_reasons(refused, grants))
            self.used.update(name for name in reasons if name in LISTED)
            unknown = sorted(reasons - LISTED)
            if unknown or not reasons:
                self.unlisted.append(f"{unknown or 'no attribute'} after {sorted(map(str, refused.changed))}")


def _reasons(refused: Refused, grants: Grants) -> Iterator[str]:
    before, after = refused.before.keys, refused.after.keys
    for key in before.keys() & after.keys():
        yield from _changed(key[0], before[key], after[key], grants)


def _changed(type_name: str, old: str | None, new: str | None, grants: Grants) -> Iterator[str]:
    """The attributes whose change makes a difference to what is granted."""
    if old == new or _grant(type_name, old, grants) == _grant(type_name, new, grants):
        return
    if old is None or new is None:
        yield f"{type_name} without a class"
        return
    names = list(next(iter(CLASSES[type_name].values())))
    for at, name in enumerate(names):
        was, now = old.split("|")[at], new.split("|")[at]
        if was != now and _matters(type_name, old, new, at, grants):
            options = [f"{type_name}.{name}={was}", f"{type_name}.{name}={now}"]
            yield next((option for option in options if option in LISTED), f"{type_name}.{name}")


def _matters(type_name: str, old: str, new: str, at: int, grants: Grants) -> bool:
    """Whether one attribute of two classes makes a difference by itself, at either end."""
    return any(
        _grant(type_name, key, grants) != _grant(type_name, _with(key, at, other.split("|")[at]), grants)
        for key, other in ((old, new), (new, old))
    )


def _with(key: str, at: int, value: str) -> str:
    parts = key.split("|")
    return "|".join([*parts[:at], value, *parts[at + 1 :]])


def _grant(type_name: str, key: str | None, grants: Grants) -> tuple[ClassGrant, bool]:
    if key is None:
        return CLOSED, False
    grant = grants[type_name][key]
    return grant, grant.visible and "shielded" in key.split("|")
