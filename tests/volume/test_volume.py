"""An archive made in bulk is one like any other, and knows everything about one child."""

from pathlib import Path

import pytest

from audit.archive.folder import Folder
from audit.archive.verify import Verification
from audit.questions import Archive, Question
from tests.archives import SIGNING
from tests.volume.making import ASKED, FIELDS, LOG, LOOKS, make


@pytest.mark.parametrize("days", [1, 9])
def test_every_look_at_a_child_is_told(tmp_path: Path, days: int) -> None:
    """Whether an archive is of one day or of many, it verifies, and tells each access to one child whole."""
    count = make(tmp_path / "archive", 15_000, days)
    verdict = Verification(Folder(tmp_path / "archive"), SIGNING.verifier, LOG.verifier).run()
    assert (verdict.faults, verdict.entries) == ([], count + 1)
    answer = Archive(tmp_path / "archive", LOG.verifier).accesses(Question(child=ASKED))
    assert len(answer.accesses) >= LOOKS
    for access in answer.accesses:
        assert sum(len(each.shown) + len(each.withheld) for each in access.records) == FIELDS
