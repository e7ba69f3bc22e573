"""An archive made in bulk is one like any other, and knows everything about one child."""

from pathlib import Path

import pytest

from audit.archive.archiver import BATCH
from audit.archive.folder import Folder
from audit.archive.verify import Verification
from audit.questions import Archive, Question
from tests.archives import SIGNING
from tests.volume.making import ASKED, FIELDS, LOG, LOOKS, make


@pytest.mark.parametrize(("days", "resolutions"), [(1, 15_000), (9, 15_000), (1, FIELDS * (BATCH + 2000))])
def test_every_look_at_a_child_is_told(tmp_path: Path, days: int, resolutions: int) -> None:
    """Whether an archive is of one day, of many, or a backlog, it verifies, and tells each access to a child whole."""
    count = make(tmp_path / "archive", resolutions, days)
    verdict = Verification(Folder(tmp_path / "archive"), SIGNING.verifier, LOG.verifier).run()
    assert (verdict.faults, verdict.entries) == ([], count + 1)
    answer = Archive(tmp_path / "archive", LOG.verifier).accesses(Question(child=ASKED))
    assert len(answer.accesses) >= LOOKS
    for access in answer.accesses:
        assert sum(len(each.shown) + len(each.withheld) for each in access.records) == FIELDS
