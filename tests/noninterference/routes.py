"""Every route through the schema, walked at once, and what it shows of each record and each link."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.catalogue import CATALOGUE, INVERSE, LISTINGS
from tests.judge.world import World
from tests.noninterference.asking import ENTITIES, Request, values

_NAMED = "__typename id"
_CARE = f"{values('Care')} carer {{ {_NAMED} }} child {{ {_NAMED} }}"
_CHILD, _CARER, _SERVICE = values("Child"), values("Carer"), values("Service")
_INVOLVEMENT, _PERSON, _BODY = values("Involvement"), values("Practitioner"), values("Organisation")
_ROUTES: Mapping[str, str] = {
    "Child": (
        f"{_CHILD} carers {{ {_CARE} carer {{ {_CARER} children {{ {_CARE} child {{ {_CHILD} }} }} }} }} "
        f"involvements {{ {_INVOLVEMENT} service {{ {_SERVICE} }} practitioner {{ {_PERSON} }} }} "
        f"leadProfessional {{ {_PERSON} services {{ {_SERVICE} }} }} authority {{ {_BODY} services {{ {_SERVICE} }} }}"
    ),
    "Carer": (
        f"{_CARER} children {{ {_CARE} child {{ {_CHILD} involvements {{ {_INVOLVEMENT} }} "
        f"carers {{ {_CARE} }} leadProfessional {{ {_PERSON} }} }} }}"
    ),
    "Involvement": (
        f"{_INVOLVEMENT} child {{ {_CHILD} carers {{ {_CARE} carer {{ {_CARER} }} }} }} "
        f"service {{ {_SERVICE} organisation {{ {_BODY} }} }} "
        f"practitioner {{ {_PERSON} caseload {{ {_INVOLVEMENT} }} }}"
    ),
    "Service": (
        f"{_SERVICE} involvements {{ {_INVOLVEMENT} child {{ {_CHILD} }} }} organisation {{ {_BODY} }} "
        f"practitioners {{ {_PERSON} services {{ {_SERVICE} }} }}"
    ),
    "Practitioner": (
        f"{_PERSON} caseload {{ {_INVOLVEMENT} child {{ {_CHILD} }} }} "
        f"services {{ {_SERVICE} involvements {{ {_INVOLVEMENT} child {{ {_CHILD} }} }} }}"
    ),
    "Organisation": f"{_BODY} services {{ {_SERVICE} organisation {{ {_BODY} }} practitioners {{ {_PERSON} }} }}",
}
"""The routes that begin with a record of each type."""


def routes(world: World) -> Iterator[Request]:
    """By reference from every record of every type, by identifier, from oneself, and by searching."""
    for name in ENTITIES:
        text = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {name} {{ {_ROUTES[name]} }} }} }}"
        yield _asking(text, r=[{"__typename": name, "id": i} for i in world.ids(name)])
    for name in ("Child", "Service", "Practitioner", "Organisation"):
        for record_id in world.ids(name):
            yield _asking(f"query ($id: ID!) {{ {name.lower()}(id: $id) {{ {_ROUTES[name]} }} }}", id=record_id)
    yield _asking(
        f"{{ me {{ practitioner {{ {_ROUTES['Practitioner']} }} organisation {{ {_ROUTES['Organisation']} }} }} }}"
    )
    for child in world.nodes["Child"].values():
        by = {"familyName": child.get("familyName", "Lee"), "dateOfBirth": child.get("dateOfBirth", "1999-09-09")}
        text = f"query ($by: ChildSearch!) {{ findChildren(by: $by) {{ candidates {{ {_ROUTES['Child']} }} }} }}"
        yield _asking(text, by=by)


def _asking(text: str, **variables: Any) -> Request:
    return Request("route", {"query": text, "variables": variables})


Named = tuple[str, str]


@dataclass
class Walked:
    """What the routes showed.

    Attributes:
        shown: each field of each record, by what the routes said of it.
        ends: the records behind each relation of each record; None where it is not open.
        count: how many records were met, on all routes.
    """

    shown: dict[tuple[Named, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    ends: dict[tuple[Named, str], frozenset[Named] | None] = field(default_factory=dict)
    count: int = 0

    def walk(self, found: Any) -> None:
        """Note every record in an answer."""
        if isinstance(found, list):
            for each in found:
                self.walk(each)
        elif isinstance(found, dict):
            if named := _named(found):
                self._note(named, found)
            for below in found.values():
                self.walk(below)

    def _note(self, named: Named, found: Mapping[str, Any]) -> None:
        self.count += 1
        record = CATALOGUE[named[0]]
        for name in record.values:
            if name in found:
                self.shown[named, name].add(repr(found[name]))
        if "access" in found:
            access = found["access"]
            withheld = {each["field"]: each["reason"] for each in access["withheld"] if each["field"] in record.values}
            self.shown[named, "access"].add(repr((access["shielded"], access["contact"], withheld)))
        for relation in record.relations:
            if relation.name in found and named[0] != "Care":
                ends = _ends(found[relation.name], named)
                self.shown[named, relation.name].add(repr(ends and sorted(ends)))
                self.ends[named, relation.name] = ends

    def differing(self) -> list[tuple[Named, str]]:
        """The fields of records of which two routes said different things."""
        return sorted(key for key, said in self.shown.items() if len(said) > 1)

    def one_way(self) -> list[tuple[Named, str, Named]]:
        """The links that can be followed from one end, and are withheld from the other."""
        return sorted(
            (near, name, far)
            for (near, name), ends in self.ends.items()
            for far in ends or ()
            if not self._leads_back(near, name, far)
        )

    def _leads_back(self, near: Named, name: str, far: Named) -> bool:
        back = _back(near[0], name)
        if back is None or (far, back) not in self.ends:
            return True
        ends = self.ends[far, back]
        return (far[0], back) in LISTINGS if ends is None else near in ends


def _named(found: Mapping[str, Any]) -> Named | None:
    type_name = str(found.get("__typename"))
    if type_name == "Care" and found["carer"] and found["child"]:
        return type_name, f"{found['carer']['id']} {found['child']['id']}"
    return (type_name, found["id"]) if type_name in CATALOGUE and "id" in found else None


def _ends(found: Any, near: Named) -> frozenset[Named] | None:
    """The records behind a relation; behind a care, the one at its other end."""
    if found is None:
        return None
    ends = []
    for each in found if isinstance(found, list) else [found]:
        if each.get("__typename") == "Care":
            far = each["child"] if near[0] == "Carer" else each["carer"]
            ends.append((far["__typename"], far["id"]))
        else:
            ends.append((each["__typename"], each["id"]))
    return frozenset(ends)


def _back(type_name: str, name: str) -> str | None:
    """The field that leads back to the record from the far end of one of its relations."""
    across = {("Child", "carers"): "children", ("Carer", "children"): "carers"}
    return across.get((type_name, name)) or INVERSE.get((type_name, name))
