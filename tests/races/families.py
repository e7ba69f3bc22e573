"""Families in two states: known to everybody, or hidden, with values that nobody uncleared may ever see.

Every protected value begins with one word, and bears the number of the epoch in which it was written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from neo4j import AsyncDriver, AsyncManagedTransaction

from graph.names import postcode_key
from graph.shielding import Write
from tests.judge.world import World, store

MARK = "REFUGE"
"""The first word of every protected value."""
ACCOUNT = "races-account"
SURNAME = "Marrowdale"
BORN = "2016-03-09"
_PREFIX = "races-"
_LABELS = ("NameKey", "Involvement", "Child", "Carer", "Service", "Practitioner", "Account", "Organisation")


@dataclass(frozen=True)
class Family:
    """A child, a half-sibling who is protected with her, their carer, and the child's place at a school."""

    number: int

    def id(self, role: str) -> str:
        """The identifier of the family's "child", "sibling", "carer" or "place"."""
        return f"{_PREFIX}{role}-{self.number}"


@dataclass(frozen=True)
class Epoch:
    """What a family's values are between two moves.

    Attributes:
        number: rises with each move.
        hidden: whether the values are protected.
    """

    number: int
    hidden: bool

    @property
    def word(self) -> str:
        """How every value begins."""
        return MARK if self.hidden else "OPEN"

    def postcode(self, family: Family) -> str:
        """The postcode that a family shares with some others, so that a search by it has many candidates."""
        return f"{self.word} {self.number} {family.number // _NEIGHBOURS}"

    def row(self, family: Family) -> dict[str, Any]:
        """The values of a family."""
        return {
            **{role: family.id(role) for role in ("child", "sibling", "carer", "place")},
            "lines": [f"{self.word} {self.number} House {family.number}", "Lowick"],
            "postcode": self.postcode(family),
            "key": postcode_key(self.postcode(family)),
            "phone": f"{self.word} {self.number} {family.number}",
            "school": f"{_PREFIX}{self.word}-school-{family.number % SCHOOLS}",
        }


SCHOOLS = 20
"""Schools in each state."""
_NEIGHBOURS = 200
_HOMES = "SET x.addressLines = r.lines, x.postcode = r.postcode"
MOVES: Mapping[str, tuple[LiteralString, ...]] = {
    "home": (f"UNWIND $rows AS r MATCH (x:Child {{id: r.child}}) {_HOMES}",),
    "phone": (f"UNWIND $rows AS r MATCH (x:Carer {{id: r.carer}}) {_HOMES}, x.phone = r.phone",),
    "sibling": (f"UNWIND $rows AS r MATCH (x:Child {{id: r.sibling}}) {_HOMES}",),
    "school": (
        "UNWIND $rows AS r MATCH (x:Involvement {id: r.place})-[a:AT]->(:Service) DELETE a",
        "UNWIND $rows AS r MATCH (x:Involvement {id: r.place}) MATCH (s:Service {id: r.school}) CREATE (x)-[:AT]->(s)",
    ),
    "search": ("UNWIND $rows AS r MATCH (x:Child {id: r.child})<-[:NAMES]-(n:NameKey) SET n.postcode = r.key",),
}
"""What may move: a child's home, a carer's and the telephone, a half-sibling's, the school, and a search's index."""


def moving(families: Sequence[Family], epoch: Epoch, *what: str) -> Write:
    """A write that gives every family some values of an epoch."""
    rows = [epoch.row(family) for family in families]

    async def write(transaction: AsyncManagedTransaction) -> None:
        for text in (text for name in what for text in MOVES[name]):
            await (await transaction.run(text, rows=rows)).consume()

    return write


async def settle(driver: AsyncDriver, families: Sequence[Family]) -> None:
    """Write the families, in the open, and somebody who asks: a social worker without clearance, who teaches too."""
    await clear(driver)
    world, here = World(), f"{_PREFIX}here"
    world.add("Organisation", here, name="Here", kind="LOCAL_AUTHORITY", accredited=True, version=1)
    world.link("WITHIN", here, here)
    asker, day = f"{_PREFIX}asker", "2026-01-01"
    world.add("Practitioner", asker, name="Asker", role="social worker")
    dates = dict.fromkeys(("trainedOn", "vettedOn", "agreementSignedOn"), day)
    world.add("Account", ACCOUNT, version=1, roles=["social-worker"], suspended=False, vetting="enhanced", **dates)
    world.link("BELONGS_TO", ACCOUNT, asker)
    world.link("MEMBER_OF", ACCOUNT, here)
    for school in schools():
        world.add("Service", school, name=school, kind="SCHOOL", phone=school)
        world.link("PART_OF", school, here)
        world.link("WORKS_FOR", asker, school)
    for family in families:
        _settle(world, family, here, asker)
    await store(driver, world)


def schools() -> Iterator[str]:
    """Every school, those of hidden families first."""
    for word in (MARK, "OPEN"):
        yield from (f"{_PREFIX}{word}-school-{number}" for number in range(SCHOOLS))


def _settle(world: World, family: Family, here: str, asker: str) -> None:
    row = Epoch(0, hidden=False).row(family)
    home = {"addressLines": row["lines"], "postcode": row["postcode"], "addressState": "CURRENT"}
    for child in (family.id("child"), family.id("sibling")):
        named = {
            "givenName": "Ann",
            "familyName": SURNAME if child == family.id("child") else "Else",
            "dateOfBirth": BORN,
        }
        world.add("Child", child, **named, **home, shielded=False)
        world.link("RESIDES_IN", child, here)
        world.link("CARES_FOR", family.id("carer"), child, relationship="mother", parentalResponsibility=True)
    world.add("Carer", family.id("carer"), givenName="Carer", familyName=SURNAME, phone=row["phone"], **home)
    world.add("Involvement", family.id("place"), kind="UNIVERSAL", since="2020-01-01", consent=True, lead=False)
    world.link("OF", family.id("place"), family.id("child"))
    world.link("AT", family.id("place"), row["school"])
    world.link("BY", family.id("place"), asker)


async def clear(driver: AsyncDriver) -> None:
    """Delete what `settle` wrote, in batches that fit a transaction."""
    for label in _LABELS:
        which = "MATCH (n)-[:NAMES]->(c:Child) WHERE c.id" if label == "NameKey" else f"MATCH (n:{label}) WHERE n.id"
        text = f"{which} STARTS WITH $prefix WITH n LIMIT 1000 DETACH DELETE n RETURN count(*) AS n"
        deleted = 1
        while deleted:
            records, _, _ = await driver.execute_query(text, prefix=_PREFIX)
            deleted = records[0]["n"]
