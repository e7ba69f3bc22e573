"""The shielded child of the cast and her half-brother: every value that places them is found nowhere else."""

from typing import Final

from graph.names import postcode_key
from seed.cast_accounts import Persona
from seed.cast_children import Home, add_carer, add_child, add_involvement
from seed.cast_services import CastPractitioner, CastService, add_practitioner, add_service
from seed.draws import fixed_id
from seed.shape import Batch

SHIELDED: Final = Persona(
    "shielded-child", fixed_id("child", "shielded-child"), "Lives where somebody must not find her."
)
HALF_SIBLING: Final = Persona(
    "half-sibling", fixed_id("child", "half-sibling"), "Not shielded, but shares a mother with shielded-child."
)

_HOME: Final = Home(("Flat 4, Heronsgate House", "11 Quillfeather Lane", "Dunnockstow"), "QZ17 7ZK")
_NEARBY: Final = Home(("2 Wrenhollow Mews", "Siskin Parva"), "QZ4 3XJ")
_APART: Final = Home(("118 Millrace Bank", "Tansy Overton"), "QZ9 2GE")

_SCHOOL: Final = CastService("Dunnockstow Free School", "SCHOOL", "Ambermere Learning Trust", 920)
_SURGERY: Final = CastService("Quillfeather Surgery", "GP", "Ambermere Primary Care Alliance", 921)
_TEAM: Final = CastService("Ambermere Peregrine Safeguarding Team", "SOCIAL_CARE", "Ambermere Council", 922)
_JUNIORS: Final = CastService("Marlpit Junior School", "SCHOOL", "Ambermere Church Schools Trust", 923)
_PRACTICE: Final = CastService("Wrenhollow Practice", "GP", "Ambermere Primary Care Alliance", 924)

_TEACHER: Final = CastPractitioner("Sabine Thackeray-Holt", "Head teacher", _SCHOOL, 920)
_DOCTOR: Final = CastPractitioner("Emrys Vandermeer", "General practitioner", _SURGERY, 921)
_SOCIAL_WORKER: Final = CastPractitioner("Marguerite Quayle", "Senior social worker", _TEAM, 922)
_FORM_TEACHER: Final = CastPractitioner("Jocasta Brimble", "Class teacher", _JUNIORS, 923)

_SERVICES: Final = (_SCHOOL, _SURGERY, _TEAM, _JUNIORS, _PRACTICE)
_PRACTITIONERS: Final = (_TEACHER, _DOCTOR, _SOCIAL_WORKER, _FORM_TEACHER)
_MOTHER: Final = ("Joanna", "Merriden")
_FATHER: Final = ("Stephen", "Cole")
_MOTHER_AT: Final = 970
_FATHER_AT: Final = 971

SHIELDED_MARKERS: Final[tuple[str, ...]] = (
    *(line for home in (_HOME, _NEARBY, _APART) for line in (*home.lines, home.postcode)),
    *(postcode_key(home.postcode) for home in (_HOME, _NEARBY)),
    *(f"07700 900{at}" for at in (_MOTHER_AT, _FATHER_AT)),
    *(value for of in _SERVICES for value in (of.name, of.phone, of.email, of.out_of_hours) if value),
    *(value for by in _PRACTITIONERS for value in (by.name, by.phone, by.email)),
)
"""Every value that nobody without clearance may be shown: addresses, telephones, services and practitioners.

Each is found on the records of the shielded child, her half-brother, their carers and the services and practitioners
that only they have, and nowhere else in any population.
"""

SHIELDED_IDS: Final[tuple[str, ...]] = (
    *(of.id for of in _SERVICES),
    *(by.id for by in _PRACTITIONERS),
    *(fixed_id("involvement", f"shielded-child/{of.name}") for of in (_SCHOOL, _SURGERY, _TEAM)),
    *(fixed_id("involvement", f"half-sibling/{of.name}") for of in (_JUNIORS, _PRACTICE)),
)
"""Ids of the involvements that place the two children, and of the services and practitioners that only they have."""

SHIELDED_CARERS: Final = tuple(fixed_id("carer", " ".join(name)) for name in (_MOTHER, _FATHER))
"""Ids of the mother, who cares for both children, and of the half-brother's father."""


def add_shielded_family(batch: Batch) -> None:
    """Add the shielded child, her half-brother, their carers, and the services that only they have."""
    for service in _SERVICES:
        add_service(batch, service)
    for practitioner in _PRACTITIONERS:
        add_practitioner(batch, practitioner)
    add_child(batch, SHIELDED, ("Isla", "Merriden"), born="2013-11-02", gender="FEMALE", home=_HOME, shielded=True)
    add_child(batch, HALF_SIBLING, ("Theo", "Merriden-Cole"), born="2017-08-21", gender="MALE", home=_NEARBY)
    add_carer(
        batch,
        _MOTHER,
        at=_MOTHER_AT,
        home=_HOME,
        relationship="mother",
        children=(SHIELDED, HALF_SIBLING),
    )
    add_carer(batch, _FATHER, at=_FATHER_AT, home=_APART, relationship="father", children=(HALF_SIBLING,))
    add_involvement(batch, SHIELDED, _TEACHER, "2025-01-06")
    add_involvement(batch, SHIELDED, _DOCTOR, "2024-12-16")
    add_involvement(batch, SHIELDED, _SOCIAL_WORKER, "2024-11-25", "ADDITIONAL", lead=True)
    add_involvement(batch, HALF_SIBLING, _FORM_TEACHER, "2025-01-06")
    add_involvement(batch, HALF_SIBLING, _PRACTICE, "2024-12-17")
