"""What another policy would have done with an operation, beside what was done with it.

The differences are of the records that the operation met. Which records it meets is policy's doing too: through what is
visible, what a search may match, and fields that lead from one record to others. Where the other policy says otherwise
of these, the operation might have met other records, and nobody can know them: that is *unseen*.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from resolvers.decide import Decisions
from resolvers.grants import ClassGrant, Grants
from resolvers.model import Access, Shown
from resolvers.refusals import GateRefusal, Refusal
from schema.catalogue import CATALOGUE

SHOWN, INVISIBLE, ACCESS = "shown", "invisible", "Access"
NO_SCHEMA = "SCHEMA_NOT_FOR_ROLE"
_CHOOSING: Mapping[str, frozenset[str]] = MappingProxyType(
    {"Involvement": frozenset({"kind", "until", "lead", "since"})}
)
"""Values that choose which records are met: a filter reads them, or who leads is found by them."""
CODES = frozenset(
    {
        "ACCOUNT_SUSPENDED",
        "ACTION_NOT_FOR_ROLE",
        "AGREEMENT_MISSING",
        "DIRECTORY_CLOSED",
        "MEDIATED_REFUSED",
        "NO_ROLE",
        "ORGANISATION_NOT_ACCREDITED",
        "PURPOSE_NOT_FOR_ROLE",
        "PURPOSE_UNKNOWN",
        "REASON_REQUIRED",
        "REFUSED",
        "TRAINING_LAPSED",
        "VETTING_LAPSED",
        NO_SCHEMA,
    }
)
"""The codes with which policy refuses a whole access."""
FAILED, UNSEEN = "failed", "unseen"
"""Why it is not known what another policy would have done: it gave no decision, or other records might be met."""
Decided = Grants | tuple[str, ...]
"""What a policy says of an access: its grants, or the codes with which it refuses it."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """Something that would have been otherwise.

    Attributes:
        type: the record type; "Access" where the whole access is meant.
        key: the records' class key.
        field: the field.
        before: what was: "shown", or the code of a reason or refusal.
        after: what would be; "invisible" too.
    """

    type: str
    key: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What another policy would have done.

    Attributes:
        differences: of how many records each.
        unseen: whether it might have met records, or found some, that nobody can know from this operation.
    """

    differences: Mapping[Difference, int]
    unseen: bool


async def decided(decisions: Decisions, asked: Mapping[str, Any]) -> Decided:
    """What a policy says of an access; of a mediated one, what it says of both people together.

    Raises:
        Refusal: it gives no decision.
    """
    try:
        return await decisions.decide(asked, Access(None, None, mediated="other" in asked))
    except GateRefusal as refusal:
        return codes_of(refusal)


def codes_of(refusal: Refusal) -> tuple[str, ...]:
    """The codes of a refusal, as they are recorded."""
    return (*refusal.codes, *refusal.recorded)


def judge(shown: Iterable[Shown], before: Decided | None, after: Decided, *, introspects: bool) -> Judged:
    """Compare what was done with an operation with what another policy says of it.

    Args:
        shown: the records that the operation met.
        before: what the policy in force said; None where that is not known any more.
        after: what the other policy says.
        introspects: whether the operation asked about the schema.
    """
    was, would = (_gate(each, introspects) for each in (before, after))
    if was or would:
        gate = Difference(ACCESS, "", "allowed", was or SHOWN, would or SHOWN)
        return Judged({gate: 1} if was != would else {}, unseen=bool(was) and not would)
    assert isinstance(after, Grants)  # noqa: S101 - it is no refusal
    found: Counter[Difference] = Counter()
    unseen = not isinstance(before, Grants) or _opens(before, after)
    for each in shown:
        grant = after.classes.get(each.type, {}).get(each.class_key)
        if grant is None:
            unseen = True  # the other policy's vocabulary does not know such records
            continue
        found.update({difference: len(each.ids) for difference in _of(each, grant)})
        unseen = unseen or not isinstance(before, Grants) or _closes(each, before, grant)
    return Judged(found, unseen)


def _gate(said: Decided | None, introspects: bool) -> str:
    """The codes of a refusal as one text; empty where there is none."""
    if isinstance(said, tuple):
        return " ".join(said)
    return NO_SCHEMA if said and introspects and not said.schema else ""


def _of(met: Shown, grant: ClassGrant) -> Iterator[Difference]:
    """What would be otherwise with the records of one class on one path."""
    before = {**dict.fromkeys(met.shown, SHOWN), **met.withheld}
    for name, said in before.items():
        after = SHOWN if name in grant.open else grant.withheld.get(name, INVISIBLE)
        if after != said:
            yield Difference(met.type, met.class_key, name, said, after)


@cache
def _leading(type_name: str) -> frozenset[str]:
    """The fields of a type that choose which records are met."""
    return frozenset(CATALOGUE[type_name].relation) | _CHOOSING.get(type_name, frozenset())


def _opens(before: Grants, after: Grants) -> bool:
    """Whether records of any class may be met that were not."""
    if before.classes == after.classes:
        return False
    return any(
        (grant.visible and not was.visible)
        or not grant.searchable <= was.searchable
        or not grant.open & _leading(type_name) <= was.open
        for type_name, granted in after.classes.items()
        for key, grant in granted.items()
        for was in [before.of(type_name, key)]
    )


def _closes(met: Shown, before: Grants, grant: ClassGrant) -> bool:
    """Whether these records might not have been met, or not those behind them."""
    was = before.of(met.type, met.class_key)
    searched = met.path == "findChildren" and not was.searchable <= grant.searchable
    return searched or not was.open & _leading(met.type) <= grant.open
