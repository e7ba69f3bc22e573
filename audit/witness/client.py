"""A log's side of witnessing: ask every witness to cosign a checkpoint, and believe only what it has signed."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import httpx

from audit.checkpoint import Checkpoint
from audit.merkle import Node, consistency
from audit.note import COSIGNING, Note, NoteError, Signature, Verifier, parse_line
from audit.witness.http import write_request
from audit.witness.state import Request

_CONFLICT = 409
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n")


class WitnessAbsentError(Exception):
    """A witness has not cosigned; the message says why."""


@dataclass(frozen=True)
class Peer:
    """A witness as the log knows it.

    Attributes:
        url: where it is asked, without `add-checkpoint`.
        key: its public key.
    """

    url: str
    key: Verifier

    @classmethod
    def parse(cls, text: str) -> Self:
        """A witness from `URL KEY`.

        Raises:
            NoteError: it is not one.
        """
        url, _, key = text.strip().partition(" ")
        if not url.startswith(("http://", "https://")):
            raise NoteError(f"A witness is its address, a space and its public key; {url!r} is no address.")
        verifier = Verifier.parse(key)
        if verifier.kind != COSIGNING:
            raise NoteError(f"The key of {verifier.name} is not that of a witness.")
        return cls(url.rstrip("/"), verifier)


@dataclass(frozen=True)
class Cosigned:
    """What came of asking.

    Attributes:
        signatures: the witnesses' cosignatures, each verified.
        absent: why the others have not signed, by their names.
    """

    signatures: tuple[Signature, ...]
    absent: Mapping[str, str]


class Peers:
    """The witnesses of a log; it remembers what each has cosigned.

    Args:
        peers: the witnesses.
        seconds: how long each may take.
        transport: how they are reached; the network if None.
    """

    def __init__(
        self, peers: Sequence[Peer], seconds: float = 5.0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._peers = tuple(peers)
        self._seconds = seconds
        self._transport = transport
        self._known: dict[Verifier, int] = {}

    async def ask(self, note: Note, node: Node) -> Cosigned:
        """Ask all of them, at once, to cosign a checkpoint.

        Args:
            note: the checkpoint, signed by the log.
            node: reads the hashes of the log's tree.
        """
        async with httpx.AsyncClient(timeout=self._seconds, transport=self._transport) as client:
            said = await asyncio.gather(
                *(self._one(client, peer, note, node) for peer in self._peers), return_exceptions=True
            )
        signatures, absent = [], {}
        for peer, each in zip(self._peers, said, strict=True):
            if isinstance(each, Signature):
                signatures.append(each)
            elif isinstance(each, WitnessAbsentError):
                absent[peer.key.name] = str(each)
            else:
                raise each
        return Cosigned(tuple(signatures), absent)

    async def _one(self, client: httpx.AsyncClient, peer: Peer, note: Note, node: Node) -> Signature:
        checkpoint = Checkpoint.parse(note.text)
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._send(client, peer, note, node, checkpoint.size)
                if response.status_code == _CONFLICT:
                    said = _size_said(response)
                    _check_past(said, checkpoint.size)  # before it is remembered, and nothing asked any more
                    self._known[peer.key] = said
                    response = await self._send(client, peer, note, node, checkpoint.size)
        except (httpx.HTTPError, TimeoutError) as error:
            raise WitnessAbsentError(f"It does not answer ({type(error).__name__}).") from None
        if response.status_code == _CONFLICT:
            if _size_said(response) != self._known[peer.key]:
                raise WitnessAbsentError("It has cosigned more meanwhile: another archiver asks too.")
            raise WitnessAbsentError("It has cosigned another tree of this size: the log has two pasts.")
        if response.status_code != httpx.codes.OK:
            raise WitnessAbsentError(f"It says {response.status_code}: {response.text.strip()[:200]}")
        signature = _own(peer.key, note, response.text)
        self._known[peer.key] = checkpoint.size
        return signature

    async def _send(self, client: httpx.AsyncClient, peer: Peer, note: Note, node: Node, size: int) -> httpx.Response:
        old = self._known.get(peer.key, 0)
        _check_past(old, size)
        body = write_request(Request(old, consistency(old, size, node), note))
        return await client.post(f"{peer.url}/add-checkpoint", content=body)


def _size_said(response: httpx.Response) -> int:
    """How much the witness has cosigned, as it says."""
    found = _SIZE.fullmatch(response.text)
    if found is None:
        raise WitnessAbsentError("It says that there is a conflict, and not with what.")
    return int(found[1])


def _check_past(cosigned: int, size: int) -> None:
    if cosigned > size:
        raise WitnessAbsentError(f"It has cosigned {cosigned} leaves, and the log has {size}: the log was set back.")


def _own(key: Verifier, note: Note, lines: str) -> Signature:
    """The cosignature of a witness among the lines that it answered."""
    try:
        said = Note(note.text, tuple(parse_line(line) for line in lines.splitlines())).verified([key])
    except NoteError as error:
        raise WitnessAbsentError(f"Its answer is no cosignature. {error}") from None
    if not said:
        raise WitnessAbsentError("Its answer holds no cosignature with its key.")
    return said[0]
