"""The open children of the cast, their carers and their involvements."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from seed import cast_services as of
from seed.cast_accounts import Persona
from seed.draws import fixed_id, number_from, years_before
from seed.families import ADULT
from seed.places import AMBERMERE, Place
from seed.shape import CARES_FOR, RESIDES_IN, Batch, Row


def _child(name: str, story: str) -> Persona:
    return Persona(name, fixed_id("child", name), story)


OPEN: Final = _child("open-child", "Two carers and three services; her social worker leads for her.")
ADOPTED: Final = _child("adopted-child", "Adopted: her names before the adoption are sealed.")
SENSITIVE: Final = _child("sensitive-service-child", "Goes to a sensitive service, besides his school and surgery.")
MOVED: Final = _child("moved-child", "Moved from Thornmarsh to Ambermere: her services there have ended.")
TWIN_A: Final = _child("twin-a", "One of twins, with one surname, birthday and address; a school nurse sees her.")
TWIN_B: Final = _child("twin-b", "The other twin: no school nurse sees her.")
TURNING_18: Final = _child("turning-18", "Leaves the directory in three weeks, on his eighteenth birthday.")


@dataclass(frozen=True)
class Home:
    """Where a family of the cast lives."""

    lines: tuple[str, ...]
    postcode: str

    def row(self) -> Row:
        """As properties of a child or a carer."""
        return {"addressLines": list(self.lines), "postcode": self.postcode, "addressState": "CURRENT"}


def add_child(
    batch: Batch,
    who: Persona,
    name: tuple[str, str],
    *,
    born: str,
    gender: str,
    home: Home,
    shielded: bool = False,
    former: tuple[str, str] | None = None,
    place: Place = AMBERMERE,
) -> None:
    """Add a child of the cast; ``name`` and ``former`` are given and family name, ``born`` an ISO date."""
    row: Row = {
        "id": who.id,
        "number": number_from(int(fixed_id("number", who.name).replace("-", "")[:15], 16)),
        "givenName": name[0],
        "familyName": name[1],
        "formerGivenNames": [former[0]] if former else [],
        "formerFamilyNames": [former[1]] if former else [],
        "dateOfBirth": born,
        "gender": gender,
        **home.row(),
        "shielded": shielded,
    }
    batch.node("Child", row)
    batch.link(RESIDES_IN, who.id, place.authority)


def add_carer(
    batch: Batch, name: tuple[str, str], *, at: int, home: Home, relationship: str, children: tuple[Persona, ...]
) -> str:
    """Add a carer with parental responsibility for some children; ``at`` numbers the mobile, from 950 to 999."""
    id_ = fixed_id("carer", " ".join(name))
    batch.node(
        "Carer",
        {"id": id_, "givenName": name[0], "familyName": name[1], "phone": f"07700 900{at}", **home.row()},
    )
    for child in children:
        batch.link(CARES_FOR, id_, child.id, relationship=relationship, parentalResponsibility=True)
    return id_


def add_involvement(
    batch: Batch,
    child: Persona,
    with_: of.CastService | of.CastPractitioner,
    since: str,
    kind: str = "UNIVERSAL",
    *,
    until: str | None = None,
    lead: bool = False,
) -> None:
    """Add a child's involvement with a service, or with a practitioner of one; the dates are ISO dates."""
    service = with_ if isinstance(with_, of.CastService) else with_.service
    row: Row = {
        "id": fixed_id("involvement", f"{child.name}/{service.name}"),
        "kind": kind,
        "since": since,
        "until": until,
        "consent": True,
        "lead": lead,
    }
    batch.involvement(row, child.id, service.id, None if with_ is service else with_.id)


def _open_family(batch: Batch) -> None:
    home = Home(("27 Larchfield Row", "Ambermere"), "QA3 4KD")
    add_child(batch, OPEN, ("Nia", "Fairbourne"), born="2015-05-14", gender="FEMALE", home=home)
    add_carer(batch, ("Grace", "Fairbourne"), at=950, home=home, relationship="mother", children=(OPEN,))
    add_carer(batch, ("Daniel", "Fairbourne"), at=951, home=home, relationship="father", children=(OPEN,))
    add_involvement(batch, OPEN, of.TEACHER, "2019-09-03")
    add_involvement(batch, OPEN, of.DOCTOR, "2015-06-01")
    add_involvement(batch, OPEN, of.SOCIAL_WORKER, "2026-02-10", "ADDITIONAL", lead=True)


def _adoptive_family(batch: Batch) -> None:
    home = Home(("5 Pargeter Close", "Upper Ambermere"), "QA7 1BT")
    former = ("Kayleigh-Mae", "Drucefield")
    add_child(batch, ADOPTED, ("Florence", "Whitlock"), born="2014-02-17", gender="FEMALE", home=home, former=former)
    add_carer(batch, ("Miriam", "Whitlock"), at=952, home=home, relationship="adoptive parent", children=(ADOPTED,))
    add_carer(batch, ("Adrian", "Whitlock"), at=953, home=home, relationship="adoptive parent", children=(ADOPTED,))
    add_involvement(batch, ADOPTED, of.SCHOOL, "2018-09-04")
    add_involvement(batch, ADOPTED, of.SURGERY, "2017-10-20")


def _sensitive_family(batch: Batch) -> None:
    home = Home(("81 Tolland Street", "Fallowgate"), "QA5 9LW")
    add_child(batch, SENSITIVE, ("Jamal", "Everitt"), born="2012-01-30", gender="MALE", home=home)
    add_carer(batch, ("Denise", "Everitt"), at=954, home=home, relationship="mother", children=(SENSITIVE,))
    add_involvement(batch, SENSITIVE, of.TUTOR, "2023-09-05")
    add_involvement(batch, SENSITIVE, of.SURGERY, "2012-03-02")
    add_involvement(batch, SENSITIVE, of.PSYCHOLOGIST, "2026-04-21", "SENSITIVE")


def _moved_family(batch: Batch) -> None:
    home = Home(("14 Candlewick Terrace", "Coldharbour Cross"), "QA9 6NR")
    add_child(batch, MOVED, ("Zofia", "Nowicka"), born="2016-04-05", gender="FEMALE", home=home)
    add_carer(batch, ("Halina", "Nowicka"), at=955, home=home, relationship="mother", children=(MOVED,))
    add_carer(batch, ("Marek", "Nowicki"), at=956, home=home, relationship="father", children=(MOVED,))
    add_involvement(batch, MOVED, of.OLD_TEACHER, "2020-09-02", until="2026-03-27")
    add_involvement(batch, MOVED, of.OLD_SURGERY, "2016-05-11", until="2026-03-31")
    add_involvement(batch, MOVED, of.SCHOOL, "2026-04-13")
    add_involvement(batch, MOVED, of.DOCTOR, "2026-04-01")


def _twins(batch: Batch) -> None:
    home = Home(("3 Saddlers Yard", "Ambermere"), "QA2 8HP")
    for twin, given in ((TWIN_A, "Evie"), (TWIN_B, "Edie")):
        add_child(batch, twin, (given, "Marlowe"), born="2018-06-11", gender="FEMALE", home=home)
        add_involvement(batch, twin, of.TEACHER, "2022-09-06")
        add_involvement(batch, twin, of.SURGERY, "2018-07-02")
    add_carer(batch, ("Helena", "Marlowe"), at=957, home=home, relationship="mother", children=(TWIN_A, TWIN_B))
    add_involvement(batch, TWIN_A, of.OTHER_NURSE, "2025-11-03")


def _nearly_adult(batch: Batch, today: date) -> None:
    home = Home(("Flat 9", "60 Vesper Road", "Ambermere"), "QA1 5FJ")
    born = years_before(today + timedelta(weeks=3), ADULT)
    add_child(batch, TURNING_18, ("Callum", "Trescott"), born=born.isoformat(), gender="MALE", home=home)
    add_carer(batch, ("Leonard", "Trescott"), at=958, home=home, relationship="grandparent", children=(TURNING_18,))
    add_involvement(batch, TURNING_18, of.TUTOR, years_before(today, 6).isoformat())
    add_involvement(batch, TURNING_18, of.SURGERY, (born + timedelta(weeks=5)).isoformat())
    add_involvement(batch, TURNING_18, of.CASEWORKER, years_before(today, 1).isoformat(), "ADDITIONAL", lead=True)


def add_children(batch: Batch, today: date) -> None:
    """Add the cast's open families."""
    _open_family(batch)
    _adoptive_family(batch)
    _sensitive_family(batch)
    _moved_family(batch)
    _twins(batch)
    _nearly_adult(batch, today)
