"""A world changed in everything that a person's grants withhold, and in nothing else."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.generative.worlds import TODAY, Place
from tests.judge.classes import Principal
from tests.judge.world import ENDS, Edge, World
from tests.noninterference.facts import Grants, Key, View, facts_of, touched, view_of

_SHIELDS = (False, True, None, "unknown")
_KINDS = ("UNIVERSAL", "ADDITIONAL", "SENSITIVE", None, "OTHER")
_UNTIL = (None, None, TODAY, "2026-11-23", "2026-11-25", "2019-01-01", "2030-05-05")
_TEXTS = ("A", "Aaron", "Lee", "Ann", "Smith", "Smyth", "O'Brien", "Zz", "zz")
_LISTS = {"formerGivenNames", "formerFamilyNames"}
_ADDRESS = ("addressLines", "postcode", "addressState")
_PROPERTIES = {
    "Child": ("number", "givenName", "familyName", "formerGivenNames", "dateOfBirth", "gender", *_ADDRESS),
    "Carer": ("givenName", "familyName", "phone", *_ADDRESS),
    "Involvement": ("since", "consent", "lead"),
    "Service": ("name", "kind", "phone", "email", "outOfHoursPhone"),
    "Practitioner": ("name", "role", "phone", "email"),
    "Organisation": ("name", "kind", "phone", "outOfHoursPhone", "accredited", "version"),
    "Account": ("version", "roles", "suspended", "trainedOn"),
}
"""What decides no class."""
_SINGLE = ("AT", "BY", "PART_OF", "RESIDES_IN", "OF")


def copied(world: World) -> World:
    """A world of its own."""
    return World({label: dict(nodes) for label, nodes in world.nodes.items()}, list(world.edges))


@dataclass(frozen=True)
class Refused:
    """A change of hidden facts alone that showed all the same: what a release must account for.

    Attributes:
        changed: the facts that were changed.
        before: the view before.
        after: the view after.
    """

    changed: set[Key]
    before: View
    after: View


@dataclass
class Variants:
    """Makes variants of one world for one principal.

    Attributes:
        world: the world.
        me: the principal.
        grants: the principal's grants.
        place: what keeps the world apart.
        r: chance.
        shown: the changes of hidden facts that were refused because they showed.
    """

    world: World
    me: Principal
    grants: Grants
    place: Place
    r: Random
    shown: list[Refused] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._base = view_of(self.world, self.me, self.grants)
        self._fresh = 0

    def draw(self, attempts: int) -> World:
        """The world with much of what is withheld changed; its view is the same."""
        current = copied(self.world)
        for _ in range(attempts):
            current = self._attempt(current)
        current = self._scrambled(current)
        return self._shuffled(current)

    def _attempt(self, current: World) -> World:
        changed = copied(current)
        self.r.choice(_CHANGES)(_Change(changed, self._base, self.r, self._name))
        after = view_of(changed, self.me, self.grants)
        if after.facts == self._base.facts:
            return changed
        differing = touched(facts_of(current), facts_of(changed))
        if not differing & (self._base.facts.keys() | after.facts.keys()):
            self.shown.append(Refused(differing, view_of(current, self.me, self.grants), after))
        return current

    def _name(self, label: str) -> str:
        self._fresh += 1
        return f"{self.place.number:06}-{self.r.randrange(1 << 16):04x}-{label[:2]}x{self._fresh}"

    def _scrambled(self, world: World) -> World:
        """Withheld values changed where they decide nothing."""
        facts, changed = self._base.facts, copied(world)
        for label, nodes in world.nodes.items():
            for node_id, props in nodes.items():
                share = self.r.choice((0.0, 0.4, 0.8))
                names = [n for n in _PROPERTIES[label] if ("value", label, node_id, n) not in facts]
                named = {n: self._value(world, label, n) for n in names if self.r.random() < share}
                if _LISTS & named.keys():
                    named |= self._former()
                changed.nodes[label][node_id] = _without_none({**props, **named})
        changed.edges = [self._edge(edge) for edge in world.edges]
        assert view_of(changed, self.me, self.grants).facts == facts
        return changed

    def _former(self) -> dict[str, Any]:
        count = self.r.choice((0, 1, 2))
        return {name: [self.r.choice(_TEXTS) for _ in range(count)] or None for name in sorted(_LISTS)}

    def _edge(self, edge: Edge) -> Edge:
        if edge.kind != "CARES_FOR":
            return edge
        told: dict[str, Any] = {"relationship": self.r.choice(("aunt", "father", None))}
        told["parentalResponsibility"] = self.r.choice((True, False, None))
        hidden = {n: v for n, v in told.items() if ("on", edge.kind, edge.start, edge.end, n) not in self._base.facts}
        return Edge(edge.kind, edge.start, edge.end, _without_none({**edge.props, **hidden}))

    def _value(self, world: World, label: str, name: str) -> Any:
        """Another value: one that some record of the type has, or an extreme one, or none."""
        others = [props[name] for props in world.nodes[label].values() if name in props]
        extreme: tuple[Any, ...] = {
            "dateOfBirth": self.place.born,
            "postcode": self.place.postcodes,
            "since": ("2001-01-01", "2031-01-01"),
            "addressLines": (["2 Low Street"],),
            "addressState": ("CURRENT", "LAST_KNOWN"),
            "gender": ("FEMALE", "MALE"),
            "consent": (True, False),
            "lead": (True, True, False),
            "accredited": (True, False),
            "suspended": (True, False),
            "version": (8, 9),
            "roles": (["auditor"],),
            "kind": {"Service": ("SCHOOL", "GP"), "Organisation": ("HEALTH_TRUST", "VOLUNTARY")}.get(label, ()),
        }.get(name, _TEXTS)
        return self.r.choice((*others, *extreme, None))

    def _shuffled(self, world: World) -> World:
        """The same world, to be written in another order."""
        edges = list(world.edges)
        self.r.shuffle(edges)
        nodes = {}
        for label, known in world.nodes.items():
            ids = list(known)
            self.r.shuffle(ids)
            nodes[label] = {i: known[i] for i in ids}
        return World(nodes, edges)


def _without_none(props: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in props.items() if value is not None}


@dataclass(frozen=True)
class _Change:
    """One change of the structure, mostly of what is hidden."""

    world: World
    base: View
    r: Random
    name: Callable[[str], str]

    def hidden_first(self, found: list[Any], key: Callable[[Any], Key]) -> Any:
        """One of what was found: with luck one that is hidden."""
        hidden = [each for each in found if key(each) not in self.base.facts]
        return self.r.choice(hidden if hidden and self.r.random() < 0.8 else found)

    def record(self, *labels: str) -> tuple[str, str] | None:
        """A record of one of the types."""
        found = [(label, i) for label in labels for i in self.world.nodes[label]]
        return self.hidden_first(found, lambda each: ("record", *each)) if found else None

    def set(self, label: str, node_id: str, **props: Any) -> None:
        """Set properties; None takes one away."""
        self.world.nodes[label][node_id] = _without_none({**self.world.nodes[label][node_id], **props})

    def shield(self) -> None:
        """Another shielding of a child."""
        if chosen := self.record("Child"):
            self.set(*chosen, shielded=self.r.choice(_SHIELDS))

    def involvement(self) -> None:
        """Another kind or end of an involvement."""
        if chosen := self._any("Involvement"):
            name, values = self.r.choice((("kind", _KINDS), ("until", _UNTIL)))
            self.set("Involvement", chosen, **{name: self.r.choice(values)})

    def drop_link(self) -> None:
        """A link less."""
        if self.world.edges:
            self.world.edges.remove(self._link())

    def move_link(self) -> None:
        """A link that leads elsewhere."""
        if self.world.edges:
            edge = self._link()
            self.world.edges.remove(edge)
            self._add(edge.kind, edge.start, self._any(ENDS[edge.kind][1]), dict(edge.props))

    def add_link(self) -> None:
        """A link more."""
        kind = self.r.choice([kind for kind in ENDS if kind not in {"BELONGS_TO", "MEMBER_OF", "WITHIN"}])
        self._add(kind, self._any(ENDS[kind][0]), self._any(ENDS[kind][1]), {})

    def drop_record(self) -> None:
        """A record less, with its links."""
        chosen = self.record("Child", "Carer", "Involvement", "Involvement", "Service", "Practitioner", "Account")
        if chosen:
            del self.world.nodes[chosen[0]][chosen[1]]
            self.world.edges[:] = [e for e in self.world.edges if chosen[1] not in {e.start, e.end}]

    def add_record(self) -> None:
        """A record more: the like of one that is there, with some of its links."""
        label = self.r.choice(("Child", "Child", "Carer", "Involvement", "Involvement", "Service", "Practitioner"))
        like, new = self._any(label), self.name(label)
        if like is None:
            return
        twist: dict[str, Any] = {}
        if label == "Child":
            twist["shielded"] = self.r.choice((*_SHIELDS, None))
        if label == "Involvement":
            twist = {"kind": self.r.choice((*_KINDS, None)), "until": self.r.choice(_UNTIL), "since": "2031-01-01"}
        self.world.nodes[label][new] = _without_none({**self.world.nodes[label][like], "id": new, **twist})
        for edge in list(self.world.edges):
            if like in {edge.start, edge.end} and edge.kind not in {"BELONGS_TO", "MEMBER_OF"} and self._copies(edge):
                start, end = (new if i == like else i for i in (edge.start, edge.end))
                self._add(edge.kind, start, end, dict(edge.props))

    def _copies(self, edge: Edge) -> bool:
        return self.r.random() < (0.9 if edge.kind in _SINGLE else 0.5)

    def _link(self) -> Edge:
        edge: Edge = self.hidden_first(self.world.edges, lambda e: ("link", e.kind, e.start, e.end))
        return edge

    def _any(self, label: str) -> str | None:
        return self.r.choice(sorted(self.world.nodes[label])) if self.world.nodes[label] else None

    def _add(self, kind: str, start: str | None, end: str | None, props: dict[str, Any]) -> None:
        """Add a link where the graph model has room for it."""
        if start is None or end is None or (kind in _SINGLE and self.world.from_(kind, start)):
            return
        if end not in self.world.from_(kind, start):
            self.world.edges.append(Edge(kind, start, end, props))


_CHANGES: tuple[Callable[[_Change], None], ...] = (
    _Change.shield,
    _Change.involvement,
    _Change.drop_link,
    _Change.move_link,
    _Change.add_link,
    _Change.drop_record,
    _Change.add_record,
    _Change.add_record,
)
