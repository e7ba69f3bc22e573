"""The tree while it grows, and the cuts that keep each statement small."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from resolvers.limits import MAX_DEPTH, MAX_NODES
from resolvers.tree import Arguments, Node, Part
from schema.catalogue import INLINE


@dataclass(slots=True)
class Draft:
    """A node while the tree grows: the same relation with the same arguments is one draft under all its aliases."""

    type: str
    relation: str
    path: str
    arguments: Arguments | None = None
    wanted: set[str] = field(default_factory=set)
    children: dict[str, "Draft"] = field(default_factory=dict)

    def child(self, key: str, type_name: str, relation: str, arguments: Arguments | None) -> "Draft":
        """The draft of a relation, made when it is first asked for."""
        if key not in self.children:
            self.children[key] = Draft(type_name, relation, f"{self.path}.{relation}", arguments)
        return self.children[key]

    def ordered(self) -> list["Draft"]:
        """The children in canonical order: by relation, then by what is read below, then as first asked for."""
        return sorted(self.children.values(), key=lambda child: (child.relation, child.signature))

    @property
    def asked(self) -> frozenset[str]:
        """Every field that is asked for, values and relations."""
        return frozenset(self.wanted | {child.relation for child in self.children.values()})

    @property
    def signature(self) -> str:
        """What is read from here, as text: the same in whichever order it was asked for."""
        below = sorted(f"{child.relation}:{child.signature}" for child in self.children.values())
        return f"{self.type}({','.join(below)})"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a draft's rows stand: in its parent's row at ``slot``, or at ``slot`` in the parent's row of ``part``."""

    node: Node
    slot: int
    part: int | None


@dataclass(slots=True)
class Cutter:
    """Freezes drafts into parts; remembers where each draft's rows will stand."""

    parts: list[Part | None] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)

    def part(self, draft: Draft, kind: str, stage: int = 0) -> Part:
        """Freeze a draft as the root of a part of its own, cutting what is too deep or too much into later stages."""
        number = len(self.parts)
        self.parts.append(None)
        counter = iter(range(1_000_000))
        room = [MAX_NODES - 1]
        part = Part(number, kind, stage, self._node(draft, 0, stage, counter, room, inline=False))
        self.parts[number] = part
        return part

    def _node(
        self, draft: Draft, depth: int, stage: int, counter: Iterator[int], room: list[int], *, inline: bool
    ) -> Node:
        index = next(counter)
        kept: list[tuple[Draft, Node]] = []
        later: list[Draft] = []
        for child in draft.ordered():
            within = (draft.type, child.relation) in INLINE
            step = int(not within)
            if step and (depth == MAX_DEPTH or room[0] == 0):
                later.append(child)
                continue
            room[0] -= step
            kept.append((child, self._node(child, depth + step, stage, counter, room, inline=within)))
        deferred = self._deferred(draft, later, stage + 1) if later else None
        node = Node(
            index=index,
            type=draft.type,
            relation=draft.relation,
            path=draft.path,
            wanted=frozenset(draft.wanted),
            asked=draft.asked,
            arguments=draft.arguments,
            inline=inline,
            children=tuple(node for _, node in kept),
            deferred=deferred,
        )
        for slot, (child, frozen) in enumerate(kept):
            self.places[id(child)] = Place(frozen, node.record.first_link + slot, None)
        return node

    def _deferred(self, draft: Draft, children: list[Draft], stage: int) -> int:
        """Read some children of a draft in a later stage, from the ids of its records."""
        again = Draft(draft.type, "", draft.path)
        again.children = {str(i): child for i, child in enumerate(children)}
        part = self.part(again, "ids", stage)
        for child in children:
            place = self.places[id(child)]
            self.places[id(child)] = Place(place.node, place.slot, part.number)
        return part.number
