"""The class of each record, worked out in plain Python from what the attributes mean.

Each function gives an attribute's value, or None where an input is missing or unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.judge.world import World


@dataclass(frozen=True)
class Principal:
    """Who asks: the ids that attributes compare with, and the date."""

    account: str
    practitioner: str
    organisation: str
    area: str | None
    today: str


def principal_of(world: World, account: str, today: str) -> Principal:
    """The principal behind an account."""
    (practitioner,), (organisation,) = world.from_("BELONGS_TO", account), world.from_("MEMBER_OF", account)
    areas = sorted(world.from_("WITHIN", organisation))
    return Principal(account, practitioner, organisation, areas[0] if areas else None, today)


@dataclass(frozen=True)
class Classes:
    """Works out classes in one world for one principal."""

    world: World
    me: Principal

    def key(self, type_name: str, record_id: str, child_id: str | None = None) -> str | None:
        """The class of a record; a care is known by its child."""
        parts: list[str | None]
        match type_name:
            case "Child":
                parts = [self._shielding(record_id), self._local(record_id), self._tie(record_id)]
            case "Care":
                parts = [self._shielding(str(child_id)), self._local(str(child_id))]
            case "Carer":
                parts = [self._protected(record_id), self._near(record_id)]
            case "Involvement":
                parts = [self._kind(record_id), self._shielding(str(child_id)), self._local(str(child_id))]
                parts.append(_said(self.me.practitioner in self.world.from_("BY", record_id)))
            case "Service":
                parts = [_said(record_id in self.world.from_("WORKS_FOR", self.me.practitioner))]
            case "Practitioner":
                parts = [_said(record_id == self.me.practitioner)]
            case _:
                parts = []
        return None if None in parts else "|".join(str(part) for part in parts)

    def current(self, involvement: str) -> bool:
        """Whether an involvement goes on today."""
        until = self.world.nodes["Involvement"][involvement].get("until")
        return until is None or until > self.me.today

    def _not_surely_open(self, child: str) -> bool:
        """Anything but a plain false counts as shielded towards others."""
        return self.world.nodes["Child"][child].get("shielded") is not False

    def _lives_here(self, child: str) -> bool:
        return self.me.area is not None and self.me.area in self.world.from_("RESIDES_IN", child)

    def _shielded_relatives(self, child: str) -> list[str]:
        return [
            other
            for carer in self.world.to("CARES_FOR", child)
            for other in self.world.from_("CARES_FOR", carer)
            if other != child and self._not_surely_open(other)
        ]

    def _shielding(self, child: str) -> str | None:
        shielded = self.world.nodes["Child"][child].get("shielded")
        if shielded is True:
            return "shielded"
        if shielded is not False:
            return None
        return "protected" if self._shielded_relatives(child) else "open"

    def _local(self, child: str) -> str:
        return _said(self._lives_here(child) and all(map(self._lives_here, self._shielded_relatives(child))))

    def _tie(self, child: str) -> str:
        tie = "none"
        for involvement in self.world.to("OF", child):
            if not self.current(involvement) or self._kind(involvement) is None:
                continue
            if self.me.practitioner in self.world.from_("BY", involvement):
                return "direct"
            if self._kind(involvement) == "sensitive":
                continue
            for service in self.world.from_("AT", involvement):
                if self.me.organisation in self.world.from_("PART_OF", service):
                    tie = "organisation"
        return tie

    def _shielding_a_carer(self, carer: str) -> list[str]:
        """The shielded children whom a carer cares for, or who share another carer with one of these."""
        cared_for = self.world.from_("CARES_FOR", carer)
        relatives = [other for child in cared_for for other in self._shielded_relatives(child)]
        return [*filter(self._not_surely_open, cared_for), *relatives]

    def _protected(self, carer: str) -> str:
        return "protected" if self._shielding_a_carer(carer) else "open"

    def _near(self, carer: str) -> str:
        return _said(all(map(self._lives_here, self._shielding_a_carer(carer))))

    def _kind(self, involvement: str) -> str | None:
        kind = self.world.nodes["Involvement"][involvement].get("kind")
        return kind.lower() if kind in {"UNIVERSAL", "ADDITIONAL", "SENSITIVE"} else None


@dataclass(frozen=True)
class Pair(Classes):
    """Works out classes for two people: what depends on the person is named for each, the first one's first."""

    you: Classes
    attributes: Mapping[str, Sequence[str]]

    def key(self, type_name: str, record_id: str, child_id: str | None = None) -> str | None:
        """The class of a record to both."""
        mine = super().key(type_name, record_id, child_id)
        yours = self.you.key(type_name, record_id, child_id)
        if mine is None or yours is None:
            return None
        parts = zip(self.attributes[type_name], mine.split("|"), yours.split("|"), strict=False)
        personal = ("local", "tie", "own")
        return "|".join(f"{one}&{other}" if name in personal else one for name, one, other in parts)


def _said(value: bool) -> str:
    return "true" if value else "false"
