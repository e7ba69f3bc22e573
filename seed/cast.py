"""The fixed cast: accounts and children that tests and documentation may name, the same in every population."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from seed import cast_children as children
from seed import cast_services as services
from seed.cast_accounts import ACCOUNTS, Persona, add_accounts
from seed.cast_shielded import HALF_SIBLING, SHIELDED, SHIELDED_IDS, SHIELDED_MARKERS, add_shielded_family
from seed.shape import Batch

__all__ = [
    "CAST",
    "SEALED_MARKERS",
    "SENSITIVE_MARKERS",
    "SHIELDED_IDS",
    "SHIELDED_MARKERS",
    "Cast",
    "Persona",
    "cast_batch",
    "cast_json",
]


@dataclass(frozen=True)
class Cast:
    """Everybody in the cast.

    Attributes:
        accounts: those who ask.
        children: those who are asked about.
    """

    accounts: tuple[Persona, ...]
    children: tuple[Persona, ...]


CAST: Final = Cast(
    accounts=ACCOUNTS,
    children=(
        children.OPEN,
        SHIELDED,
        HALF_SIBLING,
        children.ADOPTED,
        children.SENSITIVE,
        children.MOVED,
        children.TWIN_A,
        children.TWIN_B,
        children.TURNING_18,
    ),
)

SENSITIVE_MARKERS: Final[tuple[str, ...]] = (
    *(services.CLINIC.name, services.CLINIC.phone, services.CLINIC.email, services.CLINIC.out_of_hours or ""),
    *(services.PSYCHOLOGIST.name, services.PSYCHOLOGIST.phone, services.PSYCHOLOGIST.email),
)
"""Every value that would tell which sensitive service works with sensitive-service-child."""

SEALED_MARKERS: Final = ("Kayleigh-Mae", "Drucefield")
"""The names of adopted-child before her adoption."""


def cast_json() -> dict[str, dict[str, str]]:
    """The ids of the cast by name, for tests, documentation and programs: ``accounts`` and ``children``."""
    return {
        "accounts": {persona.name: persona.id for persona in CAST.accounts},
        "children": {persona.name: persona.id for persona in CAST.children},
    }


def cast_batch(today: date) -> Batch:
    """The records of the cast, without name keys.

    Args:
        today: decides the accounts' dates and the birthday of turning-18, and nothing else.
    """
    batch = Batch()
    for service in services.SERVICES:
        services.add_service(batch, service)
    for practitioner in services.PRACTITIONERS:
        services.add_practitioner(batch, practitioner)
    add_accounts(batch, today)
    children.add_children(batch, today)
    add_shielded_family(batch)
    return batch
