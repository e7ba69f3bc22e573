"""Which records a principal sees, and which a relation leads to: the link rule, spelt out for each relation."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from resolvers.grants import CLOSED, ClassGrant
from tests.judge.classes import Classes
from tests.judge.world import World

Decide = Callable[[str, str], ClassGrant]
"""Policy's answer about one record: its type and its class."""
LONGEST = 500
Where = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Record:
    """A record as one principal sees it, reached on one path.

    Attributes:
        type: its type.
        id: its id; a care has none.
        props: everything the graph knows of it.
        key: its class, None where it has none.
        grant: what is open.
        ends: for a care or an involvement, the ids at its ends.
        where: the fields, with their arguments, that led here.
        chain: the records that led here.
    """

    type: str
    id: str
    props: Mapping[str, Any]
    key: str | None
    grant: ClassGrant
    ends: Mapping[str, str] = field(default_factory=dict)
    where: Where = ()
    chain: tuple[str, ...] = ()

    def opens(self, *names: str) -> bool:
        """Whether the record may be seen and all these fields of it are open."""
        return self.grant.visible and all(name in self.grant.open for name in names)


@dataclass(frozen=True)
class Records:
    """Finds records in a world for one principal, asking policy about each."""

    world: World
    classes: Classes
    decide: Decide

    def get(self, type_name: str, record_id: str) -> Record | None:
        """A record by id, if it exists and may be seen at all."""
        if record_id not in self.world.nodes.get(type_name, {}):
            return None
        record = self._record(type_name, record_id)
        return record if record is not None and self._reachable(record) else None

    def follow(self, source: Record, name: str, arguments: Mapping[str, Any]) -> list[Record] | None:
        """The records behind a relation in their order; None where it is not open."""
        if not source.opens(name):
            return None
        special = {
            ("Child", "carers"): self._carers,
            ("Carer", "children"): self._children,
            ("Child", "involvements"): lambda child: self._filtered(child, arguments),
            ("Child", "leadProfessional"): self._led,
            ("Care", "child"): lambda care: self._records("Child", [care.ends["child"]]),
            ("Care", "carer"): lambda care: self._records("Carer", [care.ends["carer"]]),
            ("Involvement", "child"): lambda involvement: self._records("Child", [involvement.ends["child"]]),
            ("Service", "involvements"): lambda service: self._worked_on(service, "AT", "service"),
            ("Practitioner", "caseload"): lambda person: self._worked_on(person, "BY", "practitioner"),
            ("Organisation", "services"): self._services,
        }
        walk = special.get((source.type, name), lambda record: self._plain(record, name))
        return walk(source)[:LONGEST]

    def _carers(self, child: Record) -> list[Record]:
        return self._cares([(child.id, carer) for carer in self.world.to("CARES_FOR", child.id)], "Carer")

    def _children(self, carer: Record) -> list[Record]:
        return self._cares([(child, carer.id) for child in self.world.from_("CARES_FOR", carer.id)], "Child")

    def _filtered(self, child: Record, arguments: Mapping[str, Any]) -> list[Record]:
        found = self._records("Involvement", self.world.to("OF", child.id))
        return [record for record in found if self._matches(record, arguments)]

    def _worked_on(self, source: Record, kind: str, back: str) -> list[Record]:
        """The involvements of a service or a practitioner: only those that name it."""
        found = self._records("Involvement", self.world.to(kind, source.id))
        return [record for record in found if record.opens(back)]

    def _services(self, organisation: Record) -> list[Record]:
        found = self._records("Service", self.world.to("PART_OF", organisation.id))
        return [record for record in found if record.opens("organisation")]

    def _plain(self, source: Record, name: str) -> list[Record]:
        """Relations on which only the far record's own visibility bears."""
        kind, target = {
            ("Child", "authority"): ("RESIDES_IN", "Organisation"),
            ("Involvement", "service"): ("AT", "Service"),
            ("Involvement", "practitioner"): ("BY", "Practitioner"),
            ("Service", "organisation"): ("PART_OF", "Organisation"),
            ("Service", "practitioners"): ("WORKS_FOR", "Practitioner"),
            ("Practitioner", "services"): ("WORKS_FOR", "Service"),
            ("Account", "practitioner"): ("BELONGS_TO", "Practitioner"),
            ("Account", "organisation"): ("MEMBER_OF", "Organisation"),
        }[source.type, name]
        walk = self.world.to if name == "practitioners" else self.world.from_
        return self._records(target, walk(kind, source.id))

    def _record(self, type_name: str, record_id: str) -> Record | None:
        ends: dict[str, str] = {}
        if type_name == "Involvement":
            children = self.world.from_("OF", record_id)
            if not children:
                return None
            ends["child"] = children[0]
        key = self.classes.key(type_name, record_id, ends.get("child"))
        return Record(
            type_name, record_id, self.world.nodes[type_name][record_id], key, self._ask(type_name, key), ends
        )

    def _ask(self, type_name: str, key: str | None) -> ClassGrant:
        return CLOSED if key is None else self.decide(type_name, key)

    def _reachable(self, record: Record) -> bool:
        """Whether a record may be seen: an involvement only if its child names it and it names its child."""
        if record.type != "Involvement":
            return record.grant.visible
        child = self._record("Child", record.ends["child"])
        return record.opens("child") and child is not None and child.opens("involvements")

    def _records(self, type_name: str, ids: Iterable[str]) -> list[Record]:
        found = [record for record in (self._record(type_name, i) for i in ids) if record is not None]
        return _ordered([record for record in found if self._reachable(record)], lambda record: record)

    def _matches(self, record: Record, arguments: Mapping[str, Any]) -> bool:
        kind, ongoing = arguments.get("kind"), arguments.get("open")
        if kind is not None and not (record.opens("kind") and record.props.get("kind") == kind):
            return False
        return ongoing is None or (record.opens("until") and self.classes.current(record.id) == ongoing)

    def _cares(self, pairs: Iterable[tuple[str, str]], far: str) -> list[Record]:
        found: list[tuple[Record, Record]] = []
        for child_id, carer_id in pairs:
            child, carer = self._record("Child", child_id), self._record("Carer", carer_id)
            if child is None or carer is None or not (child.opens("carers") and carer.opens("children")):
                continue
            key = self.classes.key("Care", "", child_id)
            (edge,) = (e for e in self.world.edges if (e.kind, e.start, e.end) == ("CARES_FOR", carer_id, child_id))
            ends = {"child": child_id, "carer": carer_id}
            care = Record("Care", f"{carer_id}/{child_id}", edge.props, key, self._ask("Care", key), ends)
            if care.opens("child", "carer"):
                found.append((care, carer if far == "Carer" else child))
        return [care for care, _ in _ordered(found, lambda pair: pair[1])]

    def _led(self, child: Record) -> list[Record]:
        """The lead professional: through an involvement that says so, in fields that are all open."""
        if not child.opens("involvements"):
            return []
        needed = ("child", "practitioner", "lead", "until")
        via = [
            record for record in self._records("Involvement", self.world.to("OF", child.id)) if record.opens(*needed)
        ]
        via = [record for record in via if record.props.get("lead") is True and self.classes.current(record.id)]
        return [one for record in via for one in self._records("Practitioner", self.world.from_("BY", record.id))][:1]


SORTED_BY = {
    "Service": ("name",),
    "Practitioner": ("name",),
    "Organisation": ("name",),
    "Carer": ("familyName", "givenName"),
    "Child": ("familyName", "givenName"),
}


def _ordered(items: list[Any], by: Callable[[Any], Record]) -> list[Any]:
    """Items by the open keys of a record each, then by that record's id; involvements newest first."""

    def keys(item: Any) -> tuple[str, ...]:
        record = by(item)
        names = SORTED_BY.get(record.type, ())
        return (*(_open_text(record, name) for name in names), record.id)

    ordered = sorted(items, key=keys)
    if items and by(items[0]).type == "Involvement":
        ordered.sort(key=lambda item: _open_text(by(item), "since"), reverse=True)
    return ordered


def _open_text(record: Record, name: str) -> str:
    return str(record.props.get(name) or "") if record.opens(name) else ""


def reached(record: Record, where: Where, before: tuple[str, ...]) -> Record:
    """The record, remembering how it was reached."""
    own = record.id or "-".join(sorted(record.ends.values()))
    return replace(record, where=where, chain=(*before, own))
