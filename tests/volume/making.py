"""Makes an archive of many accesses, each as large as that to one child with her carers, services and practitioners."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from audit.archive.archiver import BATCH
from audit.archive.folder import Folder
from audit.archive.log import State, Writing
from audit.archive.manifest import End
from audit.archive.rows import Leaf
from audit.archive.tables import Tables
from audit.chain import Head, Link, chained, new_segment
from audit.event import confided, opened, subjects
from audit.note import Signer
from audit.seal import Sealer
from resolvers.model import Access, Entry, Shown
from tests.archives import READING, SIGNING

LOG = Signer("directory.example/log", bytes(32))
"""The log's key, always the same, so that a large archive can be asked again."""
FIELDS = 75
"""Field resolutions of one access."""
LOOKS = 25
"""Accesses to the one child who is asked about."""
_BEGUN = datetime(2025, 3, 2, 8, tzinfo=UTC)


def _id(kind: str, number: int) -> str:
    return str(UUID(bytes=hashlib.sha256(f"{kind} {number}".encode()).digest()[:16]))


def child_of(number: int) -> str:
    """A child's identifier."""
    return _id("child", number)


ASKED = child_of(0)
"""The child who is asked about."""


@dataclass
class Maker:
    """Makes accesses.

    Attributes:
        children: how many children there are.
        chance: draws who looks at whom.
        head: where its segment ends.
    """

    children: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - synthetic, and the same each time
    head: Head = field(default_factory=new_segment)
    sealer: Sealer = field(default_factory=lambda: Sealer(READING.public_key()))

    def begin(self, at: str) -> Link:
        """The first entry of the segment."""
        link, self.head = chained(self.head, "opened", {"at": at, "after": None}, SIGNING)
        return link

    def access(self, child: int, at: str) -> Link:
        """An access to a child."""
        draw = self.chance.randrange
        whose = child_of(child)
        carers = [_id("carer", child * 2 + n) for n in range(2)]
        services = [_id("service", draw(400)) for _ in range(3)]
        practitioners = [_id("practitioner", draw(20_000)) for _ in range(30)]
        shown = (
            _shown("child", "Child open|true|none", "givenName familyName dateOfBirth", [whose], whose),
            _shown("child.carers", "Care open|true", "relationship", [f"{each}/{whose}" for each in carers], whose),
            _shown("child.carers.carer", "Carer open|true", "givenName", carers, whose, phone="ROLE"),
            _shown("child.involvements.service", "Service false", "name phone", services, whose),
            _shown("child.involvements.practitioner", "Practitioner false", "name role", practitioners, whose),
        )
        account, organisation = _id("account", draw(3000)), _id("organisation", draw(150))
        access = Access("coordinate-services", "team around the child meeting", client="portal")
        receipt = f"{draw(2**128):032x}"
        said = Entry(receipt, at, "answered", account, access, "0" * 64, "TeamAround", organisation, disclosed=shown)
        sealed = self.sealer.seal(receipt, at[:7], subjects(said), confided(said))
        self.sealer.take()
        link, self.head = chained(self.head, "access", {**opened(said), "sealed": sealed}, SIGNING)
        return link


def _shown(path: str, what: str, fields: str, ids: list[str], child: str, **withheld: str) -> Shown:
    kind, class_key = what.split()
    return Shown(path, kind, class_key, tuple(fields.split()), withheld, tuple(ids), (child,) * len(ids))


def make(folder: Path, resolutions: int, days: int, told: Callable[[int], object] = lambda _: None) -> int:
    """Make an archive with at least so many field resolutions, spread over so many days; returns how many accesses.

    The one child who is asked about is looked at now and then, all along; every other as chance has it.
    """
    count = max(resolutions // FIELDS + 1, LOOKS)
    maker = Maker(children=max(count // 2, 2))
    writing = Writing(Folder(folder), Tables(Folder(folder)), LOG)
    with Folder(folder).alone():
        state = State.load(Folder(folder), LOG.verifier)
        leaves: list[Leaf] = []
        for leaf in _leaves(maker, count, days):
            leaves.append(leaf)
            if len(leaves) == BATCH:
                state, leaves = _added(writing, state, maker, leaves), []
                told(state.manifest.size)
        _added(writing, state, maker, leaves)
    return count


def _added(writing: Writing, state: State, maker: Maker, leaves: list[Leaf]) -> State:
    end = End(maker.head.n, maker.head.hash.hex())
    manifest = replace(state.manifest, position=leaves[-1].stream, ends={maker.head.segment: end})
    return writing.add(state, manifest, leaves)


def _leaves(maker: Maker, count: int, days: int) -> Iterator[Leaf]:
    every, step = max(count // LOOKS, 1), timedelta(days=days) / count
    for number in range(count + 1):
        at = _BEGUN + step * max(number - 1, 0)
        text = at.isoformat(timespec="milliseconds")
        child = 0 if number % every == 1 else maker.chance.randrange(1, maker.children)
        link = maker.access(child, text) if number else maker.begin(text)
        yield Leaf(number, f"{int(at.timestamp() * 1000)}-{number}", link.entry, link.signature)
