"""The services and practitioners of the cast: fixed names, numbers and ids."""

from dataclasses import dataclass
from typing import Final

from seed.draws import fixed_id
from seed.organisations import LANTERNLIGHT, organisation_id
from seed.places import domain
from seed.shape import PART_OF, WORKS_FOR, Batch


@dataclass(frozen=True)
class CastService:
    """A service of the cast; ``at`` numbers its telephone, from 900 to 949."""

    name: str
    kind: str
    organisation: str
    at: int

    @property
    def id(self) -> str:
        """Fixed by the name."""
        return fixed_id("service", self.name)

    @property
    def phone(self) -> str:
        """In a drama range, its own."""
        return f"01632 960{self.at}"

    @property
    def email(self) -> str:
        """At a domain of its own."""
        return f"office@{domain(self.name)}"

    @property
    def out_of_hours(self) -> str | None:
        """In a drama range, its own; only social care and mental health have one."""
        return f"08081 570{self.at}" if self.kind in {"SOCIAL_CARE", "MENTAL_HEALTH"} else None


@dataclass(frozen=True)
class CastPractitioner:
    """A practitioner of the cast; ``at`` numbers the mobile telephone, from 900 to 949."""

    name: str
    role: str
    service: CastService
    at: int

    @property
    def id(self) -> str:
        """Fixed by the name."""
        return fixed_id("practitioner", self.name)

    @property
    def phone(self) -> str:
        """In a drama range, the practitioner's own."""
        return f"07700 900{self.at}"

    @property
    def email(self) -> str:
        """At the service's domain."""
        return f"{self.name.split()[-1].lower()}@{domain(self.service.name)}"


SCHOOL: Final = CastService("Copperbeech Primary School", "SCHOOL", "Ambermere Learning Trust", 900)
ACADEMY: Final = CastService("Copperbeech Academy", "SCHOOL", "Ambermere Learning Trust", 901)
SURGERY: Final = CastService("Lantern Street Surgery", "GP", "Ambermere Primary Care Alliance", 902)
NORTH_TEAM: Final = CastService("Ambermere Social Care North", "SOCIAL_CARE", "Ambermere Council", 903)
DIRECTORY_TEAM: Final = CastService("Ambermere Directory Team", "SOCIAL_CARE", "Ambermere Council", 904)
NURSES: Final = CastService("Ambermere School Nurses", "SCHOOL_NURSING", "Ambermere Community Health Trust", 905)
CLINIC: Final = CastService("Stillwater Clinic", "MENTAL_HEALTH", "Ambermere Community Health Trust", 906)
PROJECT: Final = CastService("Lanternlight Doorstep Project", "VOLUNTARY", LANTERNLIGHT, 907)
OLD_SCHOOL: Final = CastService("Fenwater Primary School", "SCHOOL", "Thornmarsh Learning Trust", 908)
OLD_SURGERY: Final = CastService("Sedge Row Surgery", "GP", "Thornmarsh Primary Care Alliance", 909)

TEACHER: Final = CastPractitioner("Ottoline Fairweather", "Designated safeguarding lead", SCHOOL, 900)
TUTOR: Final = CastPractitioner("Lucian Abernethy", "Head of year", ACADEMY, 901)
DOCTOR: Final = CastPractitioner("Idris Pemberley", "General practitioner", SURGERY, 902)
SOCIAL_WORKER: Final = CastPractitioner("Rosalind Achebe", "Social worker", NORTH_TEAM, 903)
LAPSED: Final = CastPractitioner("Gareth Stillman", "Social worker", NORTH_TEAM, 904)
SUSPENDED: Final = CastPractitioner("Verity Loxdale", "Social worker", NORTH_TEAM, 905)
DUTY_MANAGER: Final = CastPractitioner("Harriet Osgood", "Duty manager", DIRECTORY_TEAM, 906)
SHIELDING_OFFICER: Final = CastPractitioner("Devan Mistry", "Shielding officer", DIRECTORY_TEAM, 907)
DATA_MANAGER: Final = CastPractitioner("Petra Lindqvist", "Data manager", DIRECTORY_TEAM, 908)
ADMINISTRATOR: Final = CastPractitioner("Alban Rourke", "Account administrator", DIRECTORY_TEAM, 909)
AUDITOR: Final = CastPractitioner("Constance Yeo", "Auditor", DIRECTORY_TEAM, 910)
SCHOOL_NURSE: Final = CastPractitioner("Bronwen Tallis", "School nurse", NURSES, 911)
OTHER_NURSE: Final = CastPractitioner("Marcus Delaney", "School nurse", NURSES, 912)
PSYCHOLOGIST: Final = CastPractitioner("Ingrid Solheim", "Clinical psychologist", CLINIC, 913)
CASEWORKER: Final = CastPractitioner("Tobias Wrexley", "Caseworker", PROJECT, 914)
OLD_TEACHER: Final = CastPractitioner("Philippa Garnon", "Head teacher", OLD_SCHOOL, 915)

SERVICES: Final = (
    *(SCHOOL, ACADEMY, SURGERY, NORTH_TEAM, DIRECTORY_TEAM),
    *(NURSES, CLINIC, PROJECT, OLD_SCHOOL, OLD_SURGERY),
)
PRACTITIONERS: Final = (
    *(TEACHER, TUTOR, DOCTOR, SOCIAL_WORKER, LAPSED, SUSPENDED, DUTY_MANAGER, SHIELDING_OFFICER),
    *(DATA_MANAGER, ADMINISTRATOR, AUDITOR, SCHOOL_NURSE, OTHER_NURSE, PSYCHOLOGIST, CASEWORKER, OLD_TEACHER),
)


def add_service(batch: Batch, service: CastService) -> None:
    """Add a service of the cast, with the organisation that runs it."""
    batch.node(
        "Service",
        {
            "id": service.id,
            "name": service.name,
            "kind": service.kind,
            "phone": service.phone,
            "email": service.email,
            "outOfHoursPhone": service.out_of_hours,
        },
    )
    batch.link(PART_OF, service.id, organisation_id(service.organisation))


def add_practitioner(batch: Batch, practitioner: CastPractitioner) -> None:
    """Add a practitioner of the cast, with the service."""
    batch.node(
        "Practitioner",
        {
            "id": practitioner.id,
            "name": practitioner.name,
            "role": practitioner.role,
            "phone": practitioner.phone,
            "email": practitioner.email,
        },
    )
    batch.link(WORKS_FOR, practitioner.id, practitioner.service.id)
