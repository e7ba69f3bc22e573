"""The world of the guard proof: everything known, lists out of order by id, every class met."""

from typing import Any

from tests.generative.worlds import TODAY, Place
from tests.judge.world import World

PLACE = Place(7777)
ACCOUNT = "account"
BORN, SWAPPED = PLACE.born[:2]
POSTCODE, OTHER_POSTCODE = PLACE.postcodes
_ADDRESS = {"addressLines": ["1 High Street"], "postcode": POSTCODE, "addressState": "CURRENT"}


def guard_world() -> World:
    """The world; ids are words, and their order contradicts every other order."""
    world = World()
    _services(world)
    _families(world)
    _classes(world)
    _search(world)
    return world


def _services(world: World) -> None:
    for org, kind in (("here", "LOCAL_AUTHORITY"), ("there", "LOCAL_AUTHORITY"), ("trust", "HEALTH_TRUST")):
        props = {"phone": "1", "outOfHoursPhone": "2", "accredited": True, "version": 5}
        world.add("Organisation", org, name=f"Org {org}", kind=kind, **props)
        world.link("WITHIN", org, "there" if org == "there" else "here")
    for service, name, org in (("s1", "Zeta", "trust"), ("s2", "Alpha", "trust"), ("s3", "Elsewhere", "there")):
        props = {"kind": "SCHOOL", "phone": "3", "email": "s@example.org", "outOfHoursPhone": "4"}
        world.add("Service", service, name=name, **props)
        world.link("PART_OF", service, org)
    for person, name in (("p1", "Zed"), ("p2", "Amy"), ("p3", "Far")):
        world.add("Practitioner", person, name=name, role="nurse", phone="5", email="p@example.org")
        for service in ("s3",) if person == "p3" else ("s1", "s2"):
            world.link("WORKS_FOR", person, service)
    dates = {"trainedOn": "2026-01-01", "vettedOn": "2026-01-02", "agreementSignedOn": "2026-01-03"}
    world.add("Account", ACCOUNT, version=3, roles=["social-worker"], suspended=False, vetting="enhanced", **dates)
    world.link("BELONGS_TO", ACCOUNT, "p1")
    world.link("MEMBER_OF", ACCOUNT, "trust")


def _child(world: World, child: str, given: str, family: str, home: str | None = "here", **props: object) -> None:
    told = {"number": f"N-{child}", "gender": "FEMALE", "dateOfBirth": PLACE.born[2], "shielded": False}
    world.add("Child", child, givenName=given, familyName=family, **{**told, **_ADDRESS, **props})
    if home is not None:
        world.link("RESIDES_IN", child, home)


def _carer(world: World, carer: str, given: str, family: str, *children: str) -> None:
    world.add("Carer", carer, givenName=given, familyName=family, phone="6", **_ADDRESS)
    for child in children:
        world.link("CARES_FOR", carer, child, relationship="mother", parentalResponsibility=True)


def _involvement(world: World, involvement: str, child: str, at: str | None, by: str | None, **props: object) -> None:
    told = {"kind": "ADDITIONAL", "since": "2020-01-01", "consent": True, "lead": False}
    world.add("Involvement", involvement, **{**told, **props})
    world.link("OF", involvement, child)
    if at is not None:
        world.link("AT", involvement, at)
    if by is not None:
        world.link("BY", involvement, by)


def _families(world: World) -> None:
    """Three siblings and three carers, all in the wrong order; one sibling with involvements of every sort."""
    former: dict[str, Any] = {"formerGivenNames": ["Old"], "formerFamilyNames": ["Name"]}
    _child(world, "c1", "Zoe", "Young", **former)
    _child(world, "c2", "Ann", "Young", **former)
    _child(world, "c3", "Bob", "Adams", **former)
    _carer(world, "k1", "Zoe", "Zane", "c1", "c2", "c3")
    _carer(world, "k2", "Ann", "Zane", "c1", "c2", "c3")
    _carer(world, "k3", "Bob", "Abel", "c1", "c2", "c3")
    _involvement(world, "i1", "c1", "s1", "p1", kind="UNIVERSAL")
    _involvement(world, "i2", "c1", "s1", "p1", since="2021-01-01", lead=True)
    _involvement(world, "i3", "c1", "s2", "p2", since="2022-01-01", lead=True)
    _involvement(world, "i4", "c1", "s1", "p1", since="2023-01-01", kind="SENSITIVE", until="2030-01-01")
    _involvement(world, "i5", "c1", "s3", "p3", since="2024-01-01", lead=True, until="2025-01-01")
    _involvement(world, "i6", "c1", "s1", "p1", since="2025-01-01", until=TODAY)


def _classes(world: World) -> None:
    """A child for each way in which an attribute may come out."""
    _child(world, "shielded-here", "Sue", "Reed", shielded=True)
    _child(world, "protected-here", "Pat", "Reed")
    _carer(world, "k-here", "Kay", "Reed", "shielded-here", "protected-here")
    _child(world, "shielded-there", "Sid", "Rush", "there", shielded=True)
    _child(world, "protected-far", "Per", "Rush")
    _carer(world, "k-there", "Kit", "Rush", "shielded-there", "protected-far")
    _child(world, "shielding-missing", "Mia", "Root", shielded=None)
    _child(world, "protected-by-doubt", "Dee", "Root")
    _carer(world, "k-doubt", "Ken", "Root", "shielding-missing", "protected-by-doubt")
    _carer(world, "k-father-here", "Guy", "Field", "protected-here")
    _carer(world, "k-father-there", "Gil", "Field", "protected-far")
    _child(world, "doubt-there", "Max", "Rimes", "there", shielded=None)
    _child(world, "protected-far-by-doubt", "Mo", "Rimes")
    _carer(world, "k-doubt-there", "Meg", "Rimes", "doubt-there", "protected-far-by-doubt")
    _child(world, "open-there", "Lil", "Rigg", "there")
    _child(world, "sibling-open-there", "Liz", "Rigg")
    _carer(world, "k-open-there", "Lou", "Rigg", "open-there", "sibling-open-there")
    _child(world, "shielded-of-both", "Sal", "Rill", shielded=True)
    _child(world, "protected-of-both", "Pia", "Rill")
    _child(world, "protected-of-both-there", "Pim", "Rill", "there")
    _carer(world, "k-of-both", "Kat", "Rill", "shielded-of-both", "protected-of-both", "protected-of-both-there")
    _child(world, "shielded-apart", "Sam", "Ruddy", shielded=True)
    _child(world, "shielded-apart-there", "Sol", "Ruddy", "there", shielded=True)
    _carer(world, "k-apart", "Kia", "Ruddy", "shielded-apart", "shielded-apart-there")
    _child(world, "home-there", "Una", "Rook", "there")
    _carer(world, "k-home-there", "Kim", "Rook", "home-there")
    _child(world, "home-unknown", "Uma", "Rook", None)
    for child, at, by, props in (
        ("tie-direct", "s3", "p1", {}),
        ("tie-direct-sensitive", "s3", "p1", {"kind": "SENSITIVE"}),
        ("tie-ended", "s3", "p1", {"until": "2026-11-23"}),
        ("tie-ends-today", "s3", "p1", {"until": TODAY}),
        ("tie-organisation", "s2", "p2", {}),
        ("tie-sensitive", "s2", "p2", {"kind": "SENSITIVE"}),
        ("tie-organisation-ended", "s2", "p2", {"until": "2026-11-23"}),
        ("tie-elsewhere", "s3", "p3", {}),
        ("tie-unknown-kind", "s2", "p2", {"kind": None}),
        ("tie-direct-unknown-kind", "s3", "p1", {"kind": None}),
    ):
        _child(world, child, "Tia", "Rowe")
        _involvement(world, f"i-{child}", child, at, by, **props)
    for child in ("shielded-here", "protected-here", "shielded-there", "home-there", "shielding-missing"):
        _involvement(world, f"i-{child}", child, "s1", "p2")
        _involvement(world, f"j-{child}", child, "s1", "p2", kind="UNIVERSAL", lead=True)


def _search(world: World) -> None:
    """Children who match one search, each by another name; later ids match better."""
    _child(world, "f1", "Gerda", "Fenn", dateOfBirth=BORN)
    _child(world, "f2", "Fenn", "Fenn", dateOfBirth=BORN)
    _child(world, "f3", "Fenn", "Holt", dateOfBirth=BORN)
    _child(world, "f4", "Nora", "Holt", dateOfBirth=BORN, formerGivenNames=["Nora"], formerFamilyNames=["Fenn"])
    _child(world, "f5", "Fenn", "Fenn", dateOfBirth=BORN, formerGivenNames=["Fenn"], formerFamilyNames=["Fenn"])
    _child(world, "f6", "Fenn", "Fenn", dateOfBirth=SWAPPED, postcode=OTHER_POSTCODE)
