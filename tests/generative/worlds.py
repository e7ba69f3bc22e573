"""Random small worlds: few records, many links, and everything that can be missing sometimes missing.

Every world has ids, dates of birth and postcodes of its own, so that many can live in one database.
"""

from dataclasses import dataclass
from itertools import count
from random import Random
from typing import TypeVar

from tests.judge.world import World

T = TypeVar("T")
TODAY = "2026-11-24"
_NUMBERS = count(1)
_GIVEN = ("Ann", "Anne", "Mary-Jane", "Zoë", "Tariq", "Lee")
_FAMILY = ("Lee", "O'Brien", "Ann", "Smyth", "Smith", "Van Dyke")
_DATES = ("2019-01-01", TODAY, "2026-11-23", "2026-11-25", "2030-05-05")
_PROOFS = ("trainedOn", "vettedOn", "agreementSignedOn")
_ROLES = (
    *["social-worker", "school-nurse", "management-team", "shielding-officer", "data-manager", "partner-caseworker"]
    * 2,
    "account-administrator",
    "auditor",
)
_KINDS = ("UNIVERSAL", "ADDITIONAL", "SENSITIVE")
_STATES = ("CURRENT", "LAST_KNOWN", "NONE_KNOWN", "LEFT_ENGLAND")


@dataclass(frozen=True)
class Place:
    """What keeps a world apart from the others in its database."""

    number: int

    @property
    def born(self) -> tuple[str, ...]:
        """Dates of birth that no other world has; two of them are each other's swap."""
        return tuple(f"{1000 + self.number % 9000}-{day}" for day in ("03-04", "04-03", "02-13"))

    @property
    def postcodes(self) -> tuple[str, ...]:
        """Postcodes that no other world has."""
        return (f"Z{self.number} 1AA", f"Z{self.number} 2BB")


def new_place() -> Place:
    """A place that was not used before in this process."""
    return Place(next(_NUMBERS))


@dataclass(frozen=True)
class _Maker:
    world: World
    place: Place
    r: Random

    def id(self, label: str) -> str:
        """A fresh id, whose order says nothing about the order of making."""
        return f"{self.place.number:06}-{self.r.randrange(1 << 16):04x}-{label[:2]}{len(self.world.nodes[label])}"

    def maybe(self, value: T, chance: float = 0.85) -> T | None:
        """A value, or nothing."""
        return value if self.r.random() < chance else None

    def some(self, ids: list[str], most: int) -> list[str]:
        """A few of the ids, each once."""
        return self.r.sample(ids, min(len(ids), self.r.randint(0, most)))

    def pick(self, values: tuple[str, ...]) -> str:
        """One of the values."""
        return self.r.choice(values)

    def phone(self) -> str | None:
        """A number, perhaps."""
        return self.maybe(f"020 7946 0{self.r.randrange(1000):03}")

    def address(self) -> dict[str, object]:
        """The properties of an address."""
        return {
            "addressLines": self.maybe([f"{self.r.randint(1, 9)} High Street", "Lowick"]),
            "postcode": self.maybe(self.pick(self.place.postcodes)),
            "addressState": self.maybe(self.pick(_STATES)),
        }


def random_world(r: Random, place: Place) -> World:
    """A world with accounts to ask from."""
    make = _Maker(World(), place, r)
    _organisations(make)
    _staff(make)
    _families(make)
    _involvements(make)
    return make.world


def _organisations(make: _Maker) -> None:
    world = make.world
    authorities = []
    for name in ("Lowick", "Nether Wallop"):
        org = make.id("Organisation")
        world.add("Organisation", org, name=make.maybe(name), kind="LOCAL_AUTHORITY", accredited=True, version=1)
        world.link("WITHIN", org, org)
        authorities.append(org)
    for kind in ("HEALTH_TRUST", "NATIONAL_PARTNER"):
        org = make.id("Organisation")
        world.add("Organisation", org, name=kind.title(), kind=kind, phone=make.phone(), accredited=True, version=3)
        if kind == "HEALTH_TRUST":
            world.link("WITHIN", org, make.r.choice(authorities))


def _staff(make: _Maker) -> None:
    world, organisations = make.world, make.world.ids("Organisation")
    for number in range(make.r.randint(1, 3)):
        service = make.id("Service")
        props = {"kind": make.maybe(make.pick(("SCHOOL", "GP", "MENTAL_HEALTH"))), "phone": make.phone()}
        world.add("Service", service, name=make.maybe(f"Service {number % 2}"), **props)
        if make.r.random() < 0.9:
            world.link("PART_OF", service, make.r.choice(organisations))
    for number in range(make.r.randint(1, 3)):
        person = make.id("Practitioner")
        props = {"role": make.maybe("nurse"), "phone": make.phone(), "email": make.maybe("p@example.org")}
        world.add("Practitioner", person, name=make.maybe(f"Pat {number % 2}"), **props)
        for service in make.some(world.ids("Service"), 2):
            world.link("WORKS_FOR", person, service)
    for _ in range(2):
        account = make.id("Account")
        dates = {name: make.maybe(make.pick(("2026-01-01",) * 9 + ("2020-01-01",)), 0.97) for name in _PROOFS}
        roles, vetting = make.r.sample(_ROLES, make.r.randint(1, 3)), make.pick(("enhanced", "enhanced", "police"))
        suspended = make.r.random() < 0.05
        version = make.r.randint(1, 9)
        world.add("Account", account, version=version, roles=roles, suspended=suspended, vetting=vetting, **dates)
        world.link("BELONGS_TO", account, make.r.choice(world.ids("Practitioner")))
        world.link("MEMBER_OF", account, make.r.choice(organisations))


def _families(make: _Maker) -> None:
    world, r = make.world, make.r
    authorities = [i for i, props in world.nodes["Organisation"].items() if props["kind"] == "LOCAL_AUTHORITY"]
    for _ in range(r.randint(1, 5)):
        child = make.id("Child")
        former = [(make.pick(_GIVEN), make.pick(_FAMILY)) for _ in range(r.choice((0, 0, 1, 2)))]
        world.add(
            "Child",
            child,
            number=make.maybe(f"N{r.randrange(100)}"),
            givenName=make.maybe(make.pick(_GIVEN)),
            familyName=make.maybe(make.pick(_FAMILY)),
            formerGivenNames=[given for given, _ in former] if former else None,
            formerFamilyNames=[family for _, family in former] if former else None,
            dateOfBirth=make.maybe(make.pick(make.place.born)),
            gender=make.maybe(r.choice(("FEMALE", "MALE", "NOT_SPECIFIED"))),
            shielded=r.choice((False, False, False, False, True, True, None, "unknown")),
            **make.address(),
        )
        if r.random() < 0.85:
            world.link("RESIDES_IN", child, r.choice(authorities))
    for _ in range(r.randint(1, 3)):
        carer = make.id("Carer")
        names = {"givenName": make.maybe(make.pick(_GIVEN)), "familyName": make.maybe(make.pick(_FAMILY))}
        world.add("Carer", carer, phone=make.phone(), **names, **make.address())
        for child in sorted({r.choice(world.ids("Child")), *make.some(world.ids("Child"), 2)}):
            props = {"relationship": make.maybe("mother"), "parentalResponsibility": make.maybe(r.random() < 0.5)}
            world.link("CARES_FOR", carer, child, **props)


def _involvements(make: _Maker) -> None:
    world, r = make.world, make.r
    for _ in range(r.randint(2, 8)):
        involvement = make.id("Involvement")
        world.add(
            "Involvement",
            involvement,
            kind=r.choice((*_KINDS, *_KINDS, *_KINDS, None, "OTHER")),
            since=make.maybe(make.pick(_DATES)),
            until=make.maybe(make.pick(_DATES), 0.4),
            consent=make.maybe(r.random() < 0.5),
            lead=make.maybe(r.random() < 0.6),
        )
        world.link("OF", involvement, r.choice(world.ids("Child")))
        if r.random() < 0.9:
            world.link("AT", involvement, r.choice(world.ids("Service")))
        if r.random() < 0.8:
            world.link("BY", involvement, r.choice(world.ids("Practitioner")))
