"""What the record of a 75-field answer costs the gateway, in processor time, and how many share a sync.

.venv/bin/python -m bench.append
"""

import asyncio
import tempfile
import time
from pathlib import Path

import uvloop
from redis.asyncio import Redis
from rich.console import Console

from audit.keys import make_keys, writer_keys
from audit.seal import Sealer
from audit.stream import connect
from audit.writer import Writer
from bench.model import Situation
from bench.tables import framed, situated
from gateway.engines.embedded import embedded_set
from resolvers.model import Access, Entry, Shown

CLIENTS = (1, 8, 32)
EACH = 3000
"""Entries for each number of clients."""
REASON = "Referral from the school nurse; who else is working with the family?"
QUESTION = {
    "account": {
        "roles": ["social-worker"],
        "suspended": False,
        "trained_on": "2026-01-01",
        "vetted_on": "2026-01-01",
        "vetting": "enhanced",
        "agreement_signed_on": "2026-01-01",
        "organisation": {"kind": "LOCAL_AUTHORITY", "accredited": True, "closed": False},
    },
    "access": {"purpose": "coordinate-services", "reason_given": True},
    "today": "2026-11-24",
}


def entry(number: int) -> Entry:
    """An access with 75 field resolutions: a child, two carers, four involvements with service and practitioner."""
    child = f"child-{number}"

    def shown(path: str, kind: str, fields: str, *ids: str) -> Shown:
        return Shown(path, kind, "open|true|none", tuple(fields.split()), {}, ids, (child,) * len(ids))

    carers = [f"carer-{number}-{each}" for each in range(2)]
    four = [f"{number}-{each}" for each in range(4)]
    disclosed = (
        shown(
            "child", "Child", "number givenName familyName dateOfBirth gender address carers involvements tie", child
        ),
        shown("child.carers", "Care", "relationship parentalResponsibility carer", *[f"{c}/{child}" for c in carers]),
        shown("child.carers.carer", "Carer", "givenName familyName phone address", *carers),
        shown("child.involvements", "Involvement", "kind since service practitioner", *four),
        shown("child.involvements.service", "Service", "name kind phone email", *four),
        shown("child.involvements.practitioner", "Practitioner", "name role phone email phone2", *four),
    )
    access = Access("coordinate-services", REASON, client="portal")
    return Entry(
        receipt=f"{number:032x}",
        at="2026-11-24T12:00:00.000+00:00",
        outcome="answered",
        account="account",
        access=access,
        operation="0" * 64,
        operation_name="Child",
        organisation="organisation",
        area="area",
        arguments=[("child", {"id": child})],
        question=QUESTION,
        revision="revision",
        disclosed=disclosed,
    )


async def measured(stream: Redis, keys: Path, clients: int) -> tuple[float, float, float]:
    """Processor time and waiting time of one entry, in milliseconds, and entries for each append."""
    known = writer_keys(keys)
    own = Writer(stream, known.signer, Sealer(known.reading), tally=(counted := Counted()))
    entries = iter([entry(number) for number in range(EACH)])
    waited: list[float] = []

    async def client() -> None:
        for each in entries:
            begun = time.perf_counter()
            await own.record(each)
            waited.append(time.perf_counter() - begun)

    begun = time.process_time()
    await asyncio.gather(*(client() for _ in range(clients)))
    spent = time.process_time() - begun
    await own.close()
    return 1000 * spent / EACH, 1000 * sorted(waited)[EACH // 2], EACH / counted.appends


class Counted:
    """Counts appends."""

    appends = 0

    def confirmed(self, entries: int, seconds: float) -> None:  # noqa: ARG002 - a port
        """One more."""
        self.appends += 1

    def withheld(self, answers: int) -> None:
        """None should be."""
        assert not answers, "an append failed: the figures would mean nothing"

    def given_up(self) -> None:
        """None should be."""
        raise AssertionError("a segment was lost: the figures would mean nothing")


def recorded(url: str) -> Situation:
    """The figures on a server of the stream."""
    fields = sum(len(each.shown) * len(each.ids) for each in entry(0).disclosed)
    figures: dict[str, float] = {}

    async def run(keys: Path) -> None:
        stream = connect(url, 10.0)
        for clients in CLIENTS:
            spent, waited, shared = await measured(stream, keys, clients)
            figures[f"{clients} clients: processor µs an entry"] = 1000 * spent
            figures[f"{clients} clients: median wait µs"] = 1000 * waited
            figures[f"{clients} clients: entries an append"] = shared
        await stream.aclose()

    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys"
        make_keys(keys, "bench.example")
        uvloop.run(run(keys))  # as the gateway does
    return Situation(f"the record of an answer of {fields} fields", figures)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, embedded_set(Path(folder)) as engines:
        told = recorded(engines.engines.stream_url)
    Console().print(framed(situated(told)))


if __name__ == "__main__":
    main()
