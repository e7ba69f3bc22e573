"""Mistakes that an author could make: each is stopped before it is built, by a message that names what it breaks."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.workbench import release
from gateway.workbench.opa import Opa
from gateway.workbench.proof import ProofError
from tests.policy.conftest import Edit


@dataclass(frozen=True)
class Mistake:
    """A mistake.

    Attributes:
        edits: file, text and what is written for it.
        invariant: what it breaks.
        cell: words of the cell that the message shows.
    """

    edits: tuple[tuple[str, str, str], ...]
    invariant: str
    cell: str


MISTAKES = {
    "a rule opened too wide": Mistake(
        (("withhold/shield/shield.rego", 'in {"open", "protected"}', 'in {"open", "protected", "shielded"}'),),
        "shield",
        "shielding=shielded",
    ),
    "a deleted shield check": Mistake(
        (
            ("open/open.rego", "\tshield.withheld(class),\n", ""),
            ("open/open.rego", "import data.directory.withhold.shield\n", ""),
        ),
        "shield",
        "shielding=shielded",
    ),
    "a swapped role": Mistake(
        (("clearances/data.json", '["management-team", "shielding-officer"]', '["management-team", "school-nurse"]'),),
        "shield",
        "school-nurse",
    ),
    "a missing default": Mistake(
        (("capacity/capacity.rego", 'default purpose := ""\n\n', ""),),
        "qualification",
        "/access/purpose",
    ),
    "an inverted comparison": Mistake(
        (("calendar/calendar.rego", "input.today < end", "input.today > end"),),
        "qualification",
        "for audit-review",
    ),
    "a widened table": Mistake(
        (("shielding/data.json", '"familyName", "dateOfBirth", "carers"]', '"familyName", "address", "carers"]'),),
        "shield",
        "address",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_stopped_before_it_goes_live(
    name: str, opa: Opa, folder: Path, edit: Edit, tmp_path: Path
) -> None:
    """No bundle is built of policies with this mistake, and the message names the invariant and a cell."""
    mistake = MISTAKES[name]
    for file, old, new in mistake.edits:
        edit(f"directory/{file}", old, new)
    with pytest.raises(ProofError) as caught:
        release.build(opa, folder, tmp_path / "bundle.tar.gz")
    told = str(caught.value).split(f"{mistake.invariant} is broken in ")[1].splitlines()
    assert mistake.cell in told[1], told
    assert not (tmp_path / "bundle.tar.gz").exists()
