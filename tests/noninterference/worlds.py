"""Worlds and grants in which a single guard often decides: crowded families, and everything open but a few fields."""

from dataclasses import replace
from random import Random
from typing import Any

from tests.generative.grants import Table, everything, granted
from tests.generative.worlds import Place, random_world
from tests.judge.world import World

Field = tuple[str, str]

_DECISIVE: tuple[Field, ...] = (
    ("Child", "formerNames"),
    ("Child", "givenName"),
    ("Child", "familyName"),
    ("Child", "dateOfBirth"),
    ("Child", "address"),
    ("Child", "carers"),
    ("Child", "involvements"),
    ("Carer", "children"),
    ("Carer", "familyName"),
    ("Carer", "phone"),
    ("Care", "carer"),
    ("Involvement", "kind"),
    ("Involvement", "since"),
    ("Involvement", "until"),
    ("Involvement", "lead"),
    ("Involvement", "service"),
    ("Involvement", "practitioner"),
    ("Service", "name"),
    ("Service", "organisation"),
    ("Practitioner", "name"),
)
"""Fields that order, filter, find or lead on."""


def crowded_world(r: Random, place: Place) -> World:
    """A random world; in most, many share a carer, a service or what a search goes by."""
    world = random_world(r, place)
    if r.random() < 0.8:
        _gather(world, r, place)
    if r.random() < 0.6:
        _liken(world, r, place)
    return world


def _gather(world: World, r: Random, place: Place) -> None:
    """Give one child every carer, and involvements that are alike but for what may be withheld."""
    centre = r.choice(world.ids("Child"))
    world.nodes["Child"][centre] = {**world.nodes["Child"][centre], "shielded": r.random() < 0.2}
    for carer in world.ids("Carer"):
        if centre not in world.from_("CARES_FOR", carer):
            world.link("CARES_FOR", carer, centre, relationship="mother")
    for number in range(4):
        new = f"{place.number:06}-{r.randrange(1 << 16):04x}-Inc{number}"
        kind, lead = r.choice(("UNIVERSAL", "ADDITIONAL", "SENSITIVE")), r.random() < 0.7
        world.add("Involvement", new, kind=kind, lead=lead, since=r.choice(("2020-01-01", "2021-01-01")))
        world.link("OF", new, centre)
        world.link("AT", new, r.choice(world.ids("Service")))
        world.link("BY", new, r.choice(world.ids("Practitioner")))


def _liken(world: World, r: Random, place: Place) -> None:
    """Let the children be found by the same search."""
    shared: dict[str, Any] = {"familyName": "Lee", "dateOfBirth": place.born[0], "postcode": place.postcodes[0]}
    for child, props in world.nodes["Child"].items():
        world.nodes["Child"][child] = {**props, **shared, "shielded": r.choice((False, False, False, True))}


def closing(r: Random, aim: Field | None = None) -> Table:
    """Everything open but for a few fields, each in all or most classes of its type; the aim is one of them."""
    table = everything()
    chosen = [aim] if aim else [r.choice(_DECISIVE)]
    while r.random() < 0.4:
        type_name = r.choice(sorted(table))
        chosen.append((type_name, r.choice(sorted(everything()[type_name].popitem()[1].open))))
    for type_name, field in chosen:
        share, findable = r.choice((1.0, 1.0, 0.8)), r.random() < 0.5
        for key, grant in table[type_name].items():
            if r.random() < share:
                searchable = grant.searchable if findable else grant.searchable - {field}
                table[type_name][key] = replace(granted(type_name, grant.open - {field}), searchable=searchable)
    return table
