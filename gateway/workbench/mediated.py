"""Proof by exhaustion that a mediated request shows no more than either of its two people would see alone.

Policy decides about each of the two by themselves; what both open together is the gateway's own doing, so no rule can
state this invariant. It is asked of every two roles with every purpose and of every class that one record can be of to
two people; and of everything that may be wrong with either person, that it closes the whole request.
"""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from gateway.policy.files import PolicyError, PolicyFiles
from gateway.policy.judge import Decided, decided
from gateway.policy.rego import RegoDecider
from gateway.workbench.proof import Finding, Invariant, smallest
from gateway.workbench.space import STANDINGS, purposes_of, question, roles_of
from resolvers.decide import Decisions
from resolvers.grants import Grants
from resolvers.mediation import seen_by

MEDIATION = Invariant(
    "mediation",
    "A mediated request shows no more than either of its two people would see alone",
    "resolvers/mediation.py",
)
Cell = dict[str, Any]


def prove(policies: PolicyFiles) -> Finding:
    """Ask the invariant of every two people; of policies that decide nothing, it is told as not proved."""
    try:
        broken = asyncio.run(_broken(policies))
    except PolicyError:
        broken = [{"field": "everything"}]
    return Finding(MEDIATION, len(broken), smallest(broken))


async def _broken(policies: PolicyFiles) -> list[Cell]:
    decisions, roles, broken = Decisions(RegoDecider(policies), policies.classes), roles_of(policies), list[Cell]()

    async def said(mine: Mapping[str, Any], other: Any) -> tuple[list[Decided], Decided]:
        asked = {name: value for name, value in mine.items() if name != "classes"}
        alone = [await decided(decisions, each) for each in (asked, {**asked, "account": other})]
        return alone, await decided(decisions, {**asked, "other": other})

    for purpose, role in product(purposes_of(policies), roles):
        told, sound = {"role": role, "purpose": purpose}, question([role], purpose)
        for other in roles:
            alone, together = await said(sound, question([other], purpose)["account"])
            found = [*_whole(alone, together)] or [*_fields(alone, together)]
            broken += ({**told, "other": other, **cell} for cell in found)
        for standing in STANDINGS:
            odd = question([role], purpose, standing)
            for mine, account in ((odd, sound["account"]), (sound, odd["account"])):
                broken += ({**told, "standing": standing, **cell} for cell in _whole(*await said(mine, account)))
    return broken


def _whole(alone: list[Decided], together: Decided) -> Iterator[Cell]:
    """Where two people are let in together, or shown the schema, and one of them alone is not."""
    people = [each for each in alone if isinstance(each, Grants)]
    if isinstance(together, Grants) and len(people) < len(alone):
        yield {"field": "everything"}
    elif isinstance(together, Grants) and together.schema and not all(each.schema for each in people):
        yield {"field": "the schema"}


def _fields(alone: list[Decided], together: Decided) -> Iterator[Cell]:
    """What two people who are both let in are shown together and one of them alone is not."""
    if not isinstance(together, Grants):
        return
    people = [each for each in alone if isinstance(each, Grants)]
    for type_name, granted in together.classes.items():
        for key, grant in granted.items():
            own = [each.of(type_name, seen_by(place, key)) for place, each in enumerate(people)]
            for name in sorted(grant.open | grant.searchable):
                shown = name not in grant.open or all(name in each.open and each.visible for each in own)
                found = name not in grant.searchable or all(name in each.searchable for each in own)
                if grant.visible and not (shown and found):
                    yield {"type": type_name, "class": key, "field": name}
