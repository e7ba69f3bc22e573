"""Random grants: for every class of every type, what is visible, open, withheld, searchable, and whom to call."""

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

from resolvers.grants import CLOSED, Classes, ClassGrant, classes_of
from schema.catalogue import CATALOGUE

_DATA = Path(__file__).parents[2] / "policies" / "directory"
CLASSES: Classes = classes_of(json.loads((_DATA / "vocabulary" / "data.json").read_text(encoding="utf-8")))
CONTACTS: Mapping[str, Mapping[str, str]] = json.loads((_DATA / "contacts" / "data.json").read_text(encoding="utf-8"))
SEARCHED = ("givenName", "familyName", "formerNames", "dateOfBirth", "postcode")
REASONS = ("SHIELDED", "PROTECTED", "SENSITIVE", "UNRELATED", "ROLE", "LISTING")
Table = dict[str, dict[str, ClassGrant]]


def granted(type_name: str, opened: frozenset[str], **given: object) -> ClassGrant:
    """A visible class that opens these fields; the rest is withheld for ROLE unless said otherwise."""
    reasons = {name: "ROLE" for name in CATALOGUE[type_name].fields if name not in opened}
    told = {"withheld": reasons, "searchable": frozenset(SEARCHED), "contact": None, **given}
    return ClassGrant(visible=True, open=opened, **told)  # type: ignore[arg-type]


def everything() -> Table:
    """Everything open."""
    return {t: {key: granted(t, frozenset(CATALOGUE[t].fields)) for key in keys} for t, keys in CLASSES.items()}


def random_grants(r: Random) -> Table:
    """Some classes invisible, some closed here and there; how much, differs from one draw to the next."""
    seen, opened = r.choice((0.8, 0.95, 1.0)), r.choice((0.7, 0.9, 0.97, 1.0))
    return {t: {key: _random(r, t, seen, opened) for key in keys} for t, keys in CLASSES.items()}


def _random(r: Random, type_name: str, seen: float, opened: float) -> ClassGrant:
    if r.random() >= seen:
        return CLOSED
    fields = frozenset(name for name in CATALOGUE[type_name].fields if r.random() < opened)
    return granted(
        type_name,
        fields,
        withheld={name: r.choice(REASONS) for name in CATALOGUE[type_name].fields if name not in fields},
        searchable=frozenset(name for name in SEARCHED if r.random() < 0.9),
        contact=r.choice((None, *CONTACTS)),
    )
