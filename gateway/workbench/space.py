"""The decision space: every question that can get another answer, and nothing else.

What a policy sees is finite but for days and unknown words. Days are in order, past, future or missing; an unknown word
is like any other. So a **capacity** (role and purpose), a **standing** (what is wrong with the account or the access)
and a **class** of record stand for every question there can be. Several roles at once open what each opens, which is an
invariant of its own, so the space asks for one role at a time.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gateway.policy.files import PolicyFiles

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A policy engine: a whole question to its whole decision."""

TODAY = "2026-06-30"
"""The day of every question of the space."""
_ABSENT = object()


@dataclass(frozen=True, slots=True, order=True)
class Capacity:
    """One role with one purpose."""

    role: str
    purpose: str

    def __str__(self) -> str:
        """In words."""
        return f"{self.role} for {self.purpose}"


_CHANGES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "in-order": {},
        "suspended": {"account.suspended": True},
        "suspension-unknown": {"account.suspended": _ABSENT},
        "no-training": {"account.trained_on": None},
        "training-to-come": {"account.trained_on": "2026-07-01"},
        "no-agreement": {"account.agreement_signed_on": None},
        "agreement-to-come": {"account.agreement_signed_on": "2026-07-01"},
        "no-vetting": {"account.vetted_on": None},
        "vetting-three-years-old": {"account.vetted_on": "2023-06-30"},
        "vetting-to-come": {"account.vetted_on": "2026-07-01"},
        "vetting-unknown": {"account.vetting": "x"},
        "police-vetting": {"account.vetting": "police"},
        "not-accredited": {"account.organisation.accredited": False},
        "accreditation-unknown": {"account.organisation.accredited": _ABSENT},
        "closed": {"account.organisation.closed": True},
        "closure-unknown": {"account.organisation.closed": _ABSENT},
        "of-a-health-trust": {"account.organisation.kind": "HEALTH_TRUST"},
        "of-a-national-partner": {"account.organisation.kind": "NATIONAL_PARTNER"},
        "no-reason": {"access.reason_given": False},
        "asks-to-close": {"access.action": "close"},
        "asks-to-reopen": {"access.action": "reopen"},
        "closed-asks-to-reopen": {"account.organisation.closed": True, "access.action": "reopen"},
        "unknown-action": {"access.action": "x"},
        "no-today": {"today": _ABSENT},
    }
)
STANDINGS = tuple(_CHANGES)
"""What may be wrong with an account or an access, the first being nothing."""


def question(roles: list[str], purpose: str, standing: str = "in-order") -> dict[str, Any]:
    """A question by an account in good standing but for what the standing says; about no class yet."""
    asked: dict[str, Any] = {
        "account": {
            "roles": roles,
            "suspended": False,
            "trained_on": "2026-01-12",
            "vetted_on": "2025-03-02",
            "vetting": "enhanced",
            "agreement_signed_on": "2026-01-12",
            "organisation": {"kind": "LOCAL_AUTHORITY", "accredited": True, "closed": False},
        },
        "access": {"purpose": purpose, "reason_given": True},
        "today": TODAY,
        "classes": {},
    }
    for path, value in _CHANGES[standing].items():
        *parents, last = path.split(".")
        place = asked
        for parent in parents:
            place = place[parent]
        if value is _ABSENT:
            del place[last]
        else:
            place[last] = deepcopy(value)
    return asked


def roles_of(policies: PolicyFiles) -> tuple[str, ...]:
    """The roles in the order of their table."""
    return tuple(policies.data["directory"]["roles"])


def purposes_of(policies: PolicyFiles) -> tuple[str, ...]:
    """The purposes in the order of their table."""
    return tuple(policies.data["directory"]["purposes"])


def capacities(policies: PolicyFiles) -> Iterator[Capacity]:
    """Every role with every purpose, fitting or not."""
    for role in roles_of(policies):
        for purpose in purposes_of(policies):
            yield Capacity(role, purpose)
