"""A witness, a log that it watches, and how they talk, for tests."""

import asyncio
from pathlib import Path

import httpx

from audit.checkpoint import Checkpoint
from audit.note import Note, Signer, generate, sign
from audit.witness.client import Cosigned, Peer, Peers
from audit.witness.http import witness_app
from audit.witness.state import Request, Witness, create_witness
from tests.logs import Log

NAME = "directory.example/log"
KEY = generate(NAME)
NOW = 1_800_000_000


def made(folder: Path) -> Witness:
    """A witness that watches the log."""
    create_witness(folder, "witness.example")
    return Witness(folder, [KEY.verifier], lambda: NOW)


def checkpoint(log: Log, *signers: Signer, origin: str = NAME) -> Note:
    """A log's checkpoint, signed by its key or by others."""
    return sign(Checkpoint(origin, log.size, log.root()).text, signers or (KEY,))


def request(log: Log, old: int, *signers: Signer) -> Request:
    """A log's request."""
    return Request(old, log.consistency(old), checkpoint(log, *signers))


def connected(witness: Witness) -> Peers:
    """The log's side of a witness."""
    transport = httpx.ASGITransport(witness_app(witness))
    return Peers([Peer("http://witness.example", witness.key)], transport=transport)


def ask(witness: Witness, log: Log, peers: Peers | None = None, note: Note | None = None) -> Cosigned:
    """What the log gets."""
    return asyncio.run((peers or connected(witness)).ask(note or checkpoint(log), log.tiles.node))
