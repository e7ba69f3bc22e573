"""The kinds of child that are asked for, and by whom; each is timed in random order among the others."""

import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from neo4j import AsyncDriver

from schema.operations import OPERATIONS
from tests.timing.served import CAST, Served

UNCLASSED = str(uuid.UUID(int=uuid.UUID(CAST["children"]["open-child"]).int ^ 1))
"""The identifier of a child who is there, and whom nobody may see: whether she is shielded is not known."""
WARM = 60
"""Answers of each kind before any is timed."""


@dataclass(frozen=True)
class Kind:
    """A kind of child.

    Attributes:
        name: what it is called.
        persona: who asks.
        purpose: for which purpose.
        child: the identifier; None for one that nobody has, drawn anew each time.
    """

    name: str
    persona: str
    purpose: str
    child: str | None


OPEN = Kind("open", "social-worker", "coordinate-services", CAST["children"]["open-child"])
SHIELDED = Kind("shielded", "social-worker", "coordinate-services", CAST["children"]["shielded-child"])
HIDDEN = Kind("invisible: without a class", "social-worker", "coordinate-services", UNCLASSED)
ABSENT = Kind("absent", "social-worker", "coordinate-services", None)
AGAIN = Kind("absent, again", "social-worker", "coordinate-services", None)
BARRED = Kind("invisible: to auditors", "auditor", "audit-review", CAST["children"]["open-child"])
BARRED_ABSENT = Kind("absent, to auditors", "auditor", "audit-review", None)
KINDS = (OPEN, SHIELDED, HIDDEN, ABSENT, AGAIN, BARRED, BARRED_ABSENT)
PAIRS = (
    (ABSENT, AGAIN, "noise: the same asked twice"),
    (ABSENT, HIDDEN, "may nobody see her, or is she not there?"),
    (BARRED_ABSENT, BARRED, "may auditors not see her, or is she not there?"),
    (SHIELDED, OPEN, "shielded or open: the answer itself says which"),
)
"""What is compared, and what an onlooker would learn who told them apart."""


async def with_unclassed(driver: AsyncDriver) -> None:
    """Add a child like open-child, with her carers and services, of whom it is not known whether she is shielded."""
    text = (
        "MATCH (c:Child {id: $like}) CREATE (n:Child {id: $id, givenName: c.givenName, familyName: c.familyName, "
        "dateOfBirth: c.dateOfBirth, gender: c.gender, number: c.number, addressLines: c.addressLines, "
        "postcode: c.postcode, addressState: c.addressState}) "
        "WITH c, n MATCH (c)-[:RESIDES_IN]->(o:Organisation) CREATE (n)-[:RESIDES_IN]->(o)"
    )
    await driver.execute_query(text, like=CAST["children"]["open-child"], id=UNCLASSED)
    cared = (
        "MATCH (n:Child {id: $id}) CREATE (k:Carer {id: $carer, givenName: 'A', familyName: 'B'}) "
        "CREATE (k)-[:CARES_FOR {relationship: 'mother', parentalResponsibility: true}]->(n)"
    )
    await driver.execute_query(cared, id=UNCLASSED, carer=f"{UNCLASSED}-carer")


def timed(gateway: Served, samples: int, seed: int = 1) -> Iterator[tuple[Kind, float]]:
    """Ask for every kind that often, in random order; yields how long each answer took, in milliseconds."""
    r = random.Random(seed)  # noqa: S311 - no secrets
    headers = {kind: gateway.headers(kind.persona, kind.purpose) for kind in KINDS}
    order = [kind for kind in KINDS for _ in range(samples)]
    r.shuffle(order)
    with httpx.Client(timeout=60) as client:
        for place, kind in enumerate([*KINDS * WARM, *order]):
            child = kind.child or str(uuid.UUID(int=r.getrandbits(128)))
            asked = {"query": OPERATIONS["child"], "variables": {"id": child}}
            begun = time.perf_counter()
            response = client.post(gateway.url, json=asked, headers=headers[kind])
            took = (time.perf_counter() - begun) * 1000
            if response.status_code != httpx.codes.OK or (response.json()["data"]["child"] is None) != (
                kind not in {OPEN, SHIELDED}
            ):
                raise RuntimeError(f"{kind.name}: {response.status_code} {response.text[:200]}")
            if place >= len(KINDS) * WARM:
                yield kind, took
