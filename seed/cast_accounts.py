"""The accounts of the cast: one persona for each role, and two who may not come in."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from seed import cast_services as of
from seed.draws import fixed_id, years_before
from seed.organisations import organisation_id
from seed.shape import Batch
from seed.staff import account, add_account


@dataclass(frozen=True)
class Persona:
    """Somebody whom tests and documentation may name.

    Attributes:
        name: as in "social-worker" or "open-child".
        id: of the account or child, the same in every population.
        story: in one line.
    """

    name: str
    id: str
    story: str


def _account(name: str, story: str) -> Persona:
    return Persona(name, fixed_id("account", name), story)


ACCOUNTS: Final = (
    _account("social-worker", "A social worker of Ambermere Council who leads for open-child."),
    _account(
        "school-nurse", "A school nurse of Ambermere's community trust, which works with twin-a through a colleague."
    ),
    _account("duty-manager", "In Ambermere's management team, which sees what is shielded there and brokers contact."),
    _account("shielding-officer", "One of Ambermere's two officials who may shield a record and lift a shield."),
    _account("data-manager", "Keeps Ambermere's records right."),
    _account("account-administrator", "Opens, suspends and closes Ambermere's accounts."),
    _account("auditor", "Reads Ambermere's audit trail, and no child's record."),
    _account("partner-caseworker", "A caseworker of a national partner who works with turning-18."),
    _account("lapsed-vetting", "A social worker whose vetting ran out yesterday."),
    _account("suspended", "A social worker whose account is suspended."),
)

_WHO: Final[dict[str, tuple[of.CastPractitioner, str]]] = {
    "social-worker": (of.SOCIAL_WORKER, "social-worker"),
    "school-nurse": (of.SCHOOL_NURSE, "school-nurse"),
    "duty-manager": (of.DUTY_MANAGER, "management-team"),
    "shielding-officer": (of.SHIELDING_OFFICER, "shielding-officer"),
    "data-manager": (of.DATA_MANAGER, "data-manager"),
    "account-administrator": (of.ADMINISTRATOR, "account-administrator"),
    "auditor": (of.AUDITOR, "auditor"),
    "partner-caseworker": (of.CASEWORKER, "partner-caseworker"),
    "lapsed-vetting": (of.LAPSED, "social-worker"),
    "suspended": (of.SUSPENDED, "social-worker"),
}


def add_accounts(batch: Batch, today: date) -> None:
    """Add the cast's accounts: trained and vetted a year before ``today`` but for those whose story says otherwise."""
    lapsed = (years_before(today, 3) - timedelta(days=1)).isoformat()
    changes: dict[str, dict[str, str | bool]] = {
        "lapsed-vetting": {"vettedOn": lapsed},
        "suspended": {"suspended": True},
    }
    for persona in ACCOUNTS:
        practitioner, role = _WHO[persona.name]
        row = account(persona.id, role, today, **changes.get(persona.name, {}))
        add_account(batch, row, practitioner.id, organisation_id(practitioner.service.organisation))
