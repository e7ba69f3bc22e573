"""A live pipeline over fakes, and a store with revisions good and bad."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.meter import Meter
from gateway.policy.live import NOBODY, LivePipeline, Served, Watched
from gateway.workbench.opa import Opa
from resolvers.decide import Decisions
from resolvers.model import Access, Ask
from tests.fakes import FakeBill, FakeReader, FakeRecorder, pipeline
from tests.policy.signed import VOUCHED, Signer, empty_store

ASK = Ask('{ child(id: "1") { givenName } }', None, {})
ACCESS = Access("safeguarding", "a test")
NARROW = ("reasons/data.json", '"brokering"', "null")


async def revision(source: Watched | Served) -> str:
    """What is in force."""
    return (await source.current())[0].revision


class Unmetered(Meter):
    """Allowances without end."""

    def spend(self, *_: Any) -> Any:
        """Take nothing."""
        return FakeBill()


def live(source: Any, recorder: FakeRecorder, reader: FakeReader | None = None) -> LivePipeline:
    """A live pipeline over fakes."""
    base = replace(pipeline(recorder, reader=reader), decisions=Decisions(NOBODY, {}))
    meter = Unmetered("redis://127.0.0.1:1/0", {"account": {}, "client": {}}, 1.0)
    return LivePipeline(base, source, meter)


def stocked(opa: Opa, folder: Path) -> Signer:
    """A store with a revision r1 and another r2, one that opens more unseen, and one that is not proved."""
    signer = Signer(opa, empty_store(folder))
    signer.sign("r1")
    signer.sign("r2", *NARROW)
    signer.sign("wide", "shielding/data.json", '"number", "givenName"', '"number", "address"', {**VOUCHED, "widens": 3})
    signer.sign("unproved", vouched={"keyid": "policy"})
    return signer
