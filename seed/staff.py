"""Practitioners, and the accounts of those whose role lets them look children up."""

from datetime import date, timedelta
from random import Random
from typing import Final

from seed.draws import between, opaque_id, pick, years_before
from seed.names import FEMALE, MALE, family_name, given_name, heritage
from seed.organisations import VERSION
from seed.places import domain, mobile
from seed.shape import BELONGS_TO, MEMBER_OF, WORKS_FOR, Batch, Row

ROLES: Final[dict[str, tuple[str, ...]]] = {
    "GP": ("General practitioner", "Practice nurse"),
    "HEALTH_VISITING": ("Health visitor", "Nursery nurse"),
    "SCHOOL_NURSING": ("School nurse",),
    "NURSERY": ("Nursery manager", "Early years teacher"),
    "PRIMARY": ("Head teacher", "Special needs coordinator", "Class teacher"),
    "SECONDARY": ("Head of year", "Special needs coordinator", "Designated safeguarding lead"),
    "SOCIAL_CARE": ("Social worker", "Senior social worker"),
    "EDUCATION_WELFARE": ("Education welfare officer",),
    "YOUTH_OFFENDING": ("Youth offending officer",),
    "CHILDRENS_CENTRE": ("Family support worker", "Centre manager"),
    "SPEECH_THERAPY": ("Speech and language therapist",),
    "VOLUNTARY": ("Family support worker", "Mentor"),
    "PARTNER": ("Caseworker",),
    "MENTAL_HEALTH": ("Clinical psychologist", "Mental health nurse"),
    "SEXUAL_HEALTH": ("Sexual health nurse",),
    "SUBSTANCE_MISUSE": ("Substance misuse worker",),
}
"""The roles of practitioners at each stage of service."""

_ACCOUNT_ROLE: Final = {
    "SOCIAL_CARE": "social-worker",
    "SCHOOL_NURSING": "school-nurse",
    "PARTNER": "partner-caseworker",
}
_LAPSED: Final = 0.02
_SUSPENDED: Final = 0.01


def account(id_: str, role: str, today: date, **changes: str | bool) -> Row:
    """An account that is in order: trained and vetted a year ago, its agreement signed on the day of the training.

    Args:
        id_: the account's id.
        role: its one role.
        today: the day from which the dates are counted.
        **changes: properties that differ from those of an account in order.
    """
    last_year = years_before(today, 1).isoformat()
    row: Row = {
        "id": id_,
        "version": VERSION,
        "roles": [role],
        "suspended": False,
        "trainedOn": last_year,
        "vettedOn": last_year,
        "vetting": "enhanced",
        "agreementSignedOn": last_year,
    }
    return {**row, **changes}


def add_account(batch: Batch, row: Row, practitioner: str, organisation: str) -> None:
    """Add an account with its two links."""
    batch.node("Account", row)
    batch.link(BELONGS_TO, str(row["id"]), practitioner)
    batch.link(MEMBER_OF, str(row["id"]), organisation)


def _drawn_account(rng: Random, role: str, today: date) -> Row:
    vetted = between(rng, years_before(today, 3) + timedelta(days=60), today)
    trained = between(rng, years_before(today, 1) + timedelta(days=30), today)
    if rng.random() < _LAPSED:
        vetted = years_before(vetted, 3)
    return account(
        opaque_id(rng),
        role,
        today,
        suspended=rng.random() < _SUSPENDED,
        trainedOn=trained.isoformat(),
        vettedOn=vetted.isoformat(),
        agreementSignedOn=trained.isoformat(),
    )


def add_practitioner(rng: Random, batch: Batch, service: str, *, stage: str, organisation: str, today: date) -> str:
    """Add a practitioner of a service, with an account where the role has one, and return the practitioner's id."""
    gender = FEMALE if rng.random() < 3 / 4 else MALE
    of = heritage(rng)
    given, family = given_name(rng, of, gender), family_name(rng, of)
    practitioner = opaque_id(rng)
    batch.node(
        "Practitioner",
        {
            "id": practitioner,
            "name": f"{given} {family}",
            "role": pick(rng, ROLES[stage]),
            "phone": mobile(rng),
            "email": f"{practitioner[:8]}@{domain(stage.replace('_', ' '))}",
        },
    )
    batch.link(WORKS_FOR, practitioner, service)
    role = _ACCOUNT_ROLE.get(stage)
    if role is not None:
        add_account(batch, _drawn_account(rng, role, today), practitioner, organisation)
    return practitioner
