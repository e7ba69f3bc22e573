"""The hash chain of one segment: every entry names the one before it, and is signed.

A segment is what one worker writes, from its start to its end. Its entries are numbered without a gap, and each holds
the hash of the one before; so none can be dropped, changed, moved or put in between without the next one telling.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from audit.event import encode

VERSION = 2
"""The version of the entry's format."""
CONTEXT = b"directory audit entry v1\n"
"""What a signature covers before the hash, so that it can be taken for nothing else."""
NOTHING = bytes(32)
"""The hash before the first entry."""
_SIZES = (16, 32, 64)
"""Bytes of a receipt's identifier, hash and signature."""


class Signs(Protocol):
    """Whoever signs entries."""

    def sign(self, message: bytes, /) -> bytes:
        """The signature of a message, 64 bytes."""


class Verifies(Protocol):
    """Whoever knows a signer's public key."""

    def verify(self, message: bytes, signature: bytes, /) -> bool:
        """Whether the signature is the signer's."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a segment.

    Attributes:
        segment: the segment's random identifier, hexadecimal.
        n: the number of its last entry; -1 where there is none yet.
        hash: the hash of that entry.
    """

    segment: str
    n: int
    hash: bytes

    @property
    def mark(self) -> bytes:
        """The head as the stream keeps it; empty before the first entry."""
        return b"" if self.n < 0 else f"{self.n}:{self.hash.hex()}".encode()


@dataclass(frozen=True, slots=True)
class Link:
    """One entry in its chain.

    Attributes:
        n: its number in the segment.
        entry: the exact bytes, which are the evidence.
        hash: their SHA-256.
        signature: the signer's over ``CONTEXT`` and the hash, 64 bytes.
    """

    n: int
    entry: bytes
    hash: bytes
    signature: bytes


def new_segment() -> Head:
    """The head of a segment that has no entry yet."""
    return Head(secrets.token_hex(16), -1, NOTHING)


def chained(head: Head, kind: str, content: Mapping[str, Any], signer: Signs) -> tuple[Link, Head]:
    """The next entry of a segment, and the head after it."""
    place = {"v": VERSION, "segment": head.segment, "n": head.n + 1, "prev": head.hash.hex(), "kind": kind}
    entry = encode({**place, **content})
    digest = hashlib.sha256(entry).digest()
    link = Link(head.n + 1, entry, digest, signer.sign(CONTEXT + digest))
    return link, Head(head.segment, link.n, digest)


def signed(entry: bytes, signature: bytes, verifier: Verifies) -> bool:
    """Whether an entry's signature is the signer's."""
    return verifier.verify(CONTEXT + hashlib.sha256(entry).digest(), signature)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the asker keeps: the signed hash of an entry. It tells nothing of what the entry says.

    Attributes:
        id: the entry's random identifier, which is enough to ask about it.
        hash: the SHA-256 of the entry.
        signature: the signer's.
    """

    id: str
    hash: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{self.id}.{_text(self.hash)}.{_text(self.signature)}"

    @property
    def leaf(self) -> bytes:
        """What the log holds of the entry: its hash and its signature."""
        return self.hash + self.signature

    def genuine(self, verifier: Verifies) -> bool:
        """Whether the signature is the signer's."""
        return verifier.verify(CONTEXT + self.hash, self.signature)


def read_receipt(text: str) -> Receipt:
    """A receipt from its text.

    Raises:
        ValueError: it is not one.
    """
    try:
        receipt_id, digest, signature = text.strip().split(".")
        receipt = Receipt(receipt_id, _bytes(digest), _bytes(signature))
        sizes = (len(bytes.fromhex(receipt_id)), len(receipt.hash), len(receipt.signature))
        sound = sizes == _SIZES and str(receipt) == text.strip()
    except (ValueError, binascii.Error):
        sound = False
    if not sound:
        raise ValueError("This is not a receipt. Copy it whole, from extensions.access.receipt of the answer.")
    return receipt


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
