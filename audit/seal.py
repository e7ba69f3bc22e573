"""Sealing: the free text of an entry, readable by whoever holds the reading key until its subjects are forgotten.

Each entry has a key of its own. It is wrapped once for each subject, under a key of that subject, the month and the
worker; those subject keys are kept beside the archive, wrapped for the reading key, which no worker holds. Destroying
a subject's keys makes unreadable what concerns that subject alone, and changes no entry and no proof. An entry on two
people stays readable through the other's key, since it is their evidence too.
"""

import base64
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from cachetools import LRUCache
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from audit.event import encode

UNATTRIBUTED = "unattributed"
"""Stands for the subject of an entry that neither touched nor named anybody: a search without a result."""
KEY_SECONDS = 300.0
"""How long a worker goes on using a subject's key: what it seals after a subject is forgotten is lost for so long."""
_KEYS = 10_000
_NONCE = 12


class UnfitKeyError(ValueError):
    """A key does not open what it should; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A subject's key for one month, as it is kept.

    Attributes:
        subject: the subject's identifier.
        month: "YYYY-MM".
        id: the key's random identifier.
        wrapped: the worker's public key, and the key encrypted for the reading key.
    """

    subject: str
    month: str
    id: str
    wrapped: bytes

    @property
    def name(self) -> str:
        """What it is kept under."""
        return _name(self.subject, self.month, self.id)


def named(name: str, wrapped: bytes) -> SubjectKey:
    """A subject's key from what it is kept under."""
    subject, month, key_id = name.rsplit("|", 2)
    return SubjectKey(subject, month, key_id, wrapped)


@dataclass(frozen=True, slots=True)
class _Held:
    id: str
    cipher: AESGCM
    until: float


@dataclass(slots=True)
class Sealer:
    """Seals for one worker.

    Attributes:
        reading: the public part of the reading key.
        clock: seconds that never go back.
    """

    reading: X25519PublicKey
    clock: Callable[[], float] = time.monotonic
    _held: LRUCache[tuple[str, str], _Held] = field(default_factory=lambda: LRUCache(_KEYS))
    _new: dict[tuple[str, str], SubjectKey] = field(default_factory=dict)
    _public: bytes = field(init=False)
    _wrapping: AESGCM = field(init=False)

    def __post_init__(self) -> None:
        own = X25519PrivateKey.generate()
        self._public = own.public_key().public_bytes_raw()
        self._wrapping = AESGCM(_derived(own.exchange(self.reading), self._public))

    def seal(self, receipt: str, month: str, whose: Iterable[str], content: Mapping[str, Any]) -> dict[str, Any]:
        """Content that only the reading key opens, through the keys of those it concerns."""
        key = AESGCM.generate_key(256)
        bound = receipt.encode()
        return {
            "month": month,
            "text": _base64(_encrypted(AESGCM(key), encode(content), bound)),
            "for": {
                subject: [held.id, _base64(_encrypted(held.cipher, key, bound))]
                for subject in sorted(whose) or [UNATTRIBUTED]
                for held in [self._of(subject, month)]
            },
        }

    def take(self) -> tuple[SubjectKey, ...]:
        """The keys made since they were last taken; they must be kept with the entries that use them."""
        new = tuple(self._new.values())
        self._new.clear()
        return new

    def drop(self, keys: Iterable[SubjectKey]) -> None:
        """Use these keys no more: they may not have been kept."""
        for key in keys:
            self._held.pop((key.subject, key.month), None)

    def _of(self, subject: str, month: str) -> _Held:
        place = (subject, month)
        held = self._held.get(place)
        if held is None or held.until < self.clock():
            key = AESGCM.generate_key(256)
            held = _Held(os.urandom(8).hex(), AESGCM(key), self.clock() + KEY_SECONDS)
            self._held[place] = held
            wrapped = self._public + _encrypted(self._wrapping, key, _name(subject, month, held.id).encode())
            self._new[place] = SubjectKey(subject, month, held.id, wrapped)
        return held


def key_names(entry: Mapping[str, Any]) -> list[str]:
    """The names of the subjects' keys, any of which opens what is sealed in a decoded entry."""
    sealed = entry.get("sealed") or {"for": {}}
    return [_name(subject, sealed["month"], key_id) for subject, (key_id, _) in sealed["for"].items()]


def unsealed(entry: Mapping[str, Any], keys: Mapping[str, bytes], reading: X25519PrivateKey) -> dict[str, Any] | None:
    """What was sealed in a decoded entry; None where every key to it is gone, or nothing was sealed.

    Args:
        entry: the entry.
        keys: subject keys, wrapped, by name.
        reading: the reading key.

    Raises:
        UnfitKeyError: a key does not fit what it should open.
    """
    for name in key_names(entry):
        kept = keys.get(name)
        if kept is None:
            continue
        sealed, bound = entry["sealed"], entry["receipt"].encode()
        _, wrapped = sealed["for"][named(name, kept).subject]
        try:
            wrapping = AESGCM(_derived(reading.exchange(X25519PublicKey.from_public_bytes(kept[:32])), kept[:32]))
            subject_key = AESGCM(_decrypted(wrapping, kept[32:], name.encode()))
            entry_key = AESGCM(_decrypted(subject_key, base64.b64decode(wrapped), bound))
            content: dict[str, Any] = orjson.loads(_decrypted(entry_key, base64.b64decode(sealed["text"]), bound))
        except InvalidTag:
            raise UnfitKeyError("A key does not fit. Use the reading key that the gateway seals for.") from None
        return content
    return None


def _name(subject: str, month: str, key_id: str) -> str:
    return f"{subject}|{month}|{key_id}"


def _derived(shared: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=public, info=b"directory audit subject keys v1").derive(shared)


def _encrypted(cipher: AESGCM, content: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, content, bound)


def _decrypted(cipher: AESGCM, content: bytes, bound: bytes) -> bytes:
    return cipher.decrypt(content[:_NONCE], content[_NONCE:], bound)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
