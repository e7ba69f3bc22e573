"""What other policies would have done with recorded accesses, added up: by role, class and field, with examples."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.policy.judge import Difference

_EXAMPLES = 3


@dataclass(frozen=True, slots=True, order=True)
class Flip:
    """Something that would have been otherwise.

    Attributes:
        roles: whose access it was, by the account's roles.
        what: what would have been otherwise.
    """

    roles: tuple[str, ...]
    what: Difference


@dataclass(slots=True)
class Report:
    """What was found.

    Attributes:
        accesses: how many accesses were judged.
        unreadable: how many entries are no access that could be.
        undetermined: of how many accesses it is not known what they would have met, by why.
        flips: how many values would have been otherwise.
        examples: for each flip, receipts of some accesses.
    """

    accesses: int = 0
    unreadable: int = 0
    undetermined: Counter[str] = field(default_factory=Counter)
    flips: Counter[Flip] = field(default_factory=Counter)
    examples: dict[Flip, list[str]] = field(default_factory=dict)

    def note(self, entry: Mapping[str, Any], differences: Mapping[Difference, int], undetermined: str | None) -> None:
        """Count an access."""
        self.accesses += 1
        if undetermined:
            self.undetermined[undetermined] += 1
        roles, receipt = tuple(sorted(map(str, entry["question"]["account"].get("roles", ())))), entry["receipt"]
        for what, count in differences.items():
            flip = Flip(roles, what)
            self.flips[flip] += count
            known = self.examples.setdefault(flip, [])
            if len(known) < _EXAMPLES and receipt not in known:
                known.append(receipt)

    def as_json(self) -> dict[str, Any]:
        """For programs, the most frequent flips first."""
        flips = [
            {
                "roles": flip.roles,
                **{name: getattr(flip.what, name) for name in Difference.__slots__},
                "count": count,
                "examples": self.examples[flip],
            }
            for flip, count in sorted(self.flips.items(), key=lambda each: (-each[1], each[0]))
        ]
        counts = {"accesses": self.accesses, "unreadable": self.unreadable, "undetermined": dict(self.undetermined)}
        return {**counts, "flips": flips}


def shadowed(report: Report, entry: Mapping[str, Any], revision: str) -> None:
    """Count an access beside which a candidate decided; any other is left out.

    Args:
        report: where it is counted.
        entry: the decoded entry.
        revision: the candidate's.
    """
    found = entry.get("shadow")
    if found and found["revision"] == revision:
        names = ("type", "class", "field", "before", "after")
        differences = {Difference(*(each[name] for name in names)): each["records"] for each in found["differences"]}
        report.note(entry, differences, found["undetermined"])
