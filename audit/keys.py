"""The keys of the evidence: one folder, one file a key, each given only to whom needs it.

``signing.key`` signs entries and ``reading.pub`` seals their free text: both belong to the gateway. ``log.key`` signs
the archive's checkpoints. ``reading.key`` opens free text: it belongs to those who answer questions, and to no worker.
The public parts, ``signing.pub`` and ``log.pub``, are for whoever verifies.
"""

import base64
import binascii
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from audit.note import NoteError, Signer, Verifier, generate

_BYTES = 32


class KeyFileError(Exception):
    """A key cannot be read or made; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class WriterKeys:
    """What a gateway needs to write entries.

    Attributes:
        signer: signs entries.
        reading: seals their free text.
    """

    signer: Signer
    reading: X25519PublicKey


_PURPOSES = ("signing", "log", "reading")


def make_keys(folder: Path, name: str) -> None:
    """Make every pair of keys of which the folder has neither half: a folder may hold one half alone, for good reasons.

    Args:
        folder: where to; only its owner may enter it.
        name: whose keys they are, such as ``directory.example``.

    Raises:
        KeyFileError: the folder cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):
            for purpose in ("signing", "log"):
                if not _has_half(folder, purpose):
                    made = generate(f"{name}/{purpose}")
                    _write_pair(folder, purpose, made.text, made.verifier.text)
            if not _has_half(folder, "reading"):
                reading = X25519PrivateKey.generate()
                public = _text(reading.public_key().public_bytes_raw())
                _write_pair(folder, "reading", _text(reading.private_bytes_raw()), public)
    except OSError as error:
        raise KeyFileError(
            f"The keys cannot be written to {folder}: {error.strerror}. Choose another folder."
        ) from None


def writer_keys(folder: Path) -> WriterKeys:
    """What a gateway writes with.

    Raises:
        KeyFileError: a key is missing or damaged.
    """
    return WriterKeys(signer(folder / "signing.key"), X25519PublicKey.from_public_bytes(_raw(folder / "reading.pub")))


def signer(path: Path) -> Signer:
    """A signing key.

    Raises:
        KeyFileError: it is missing or damaged.
    """
    text = _read(path)
    try:
        return Signer.parse(text)
    except NoteError:
        raise _damaged(path) from None


def verifier(path: Path) -> Verifier:
    """A public key.

    Raises:
        KeyFileError: it is missing or damaged.
    """
    text = _read(path)
    try:
        return Verifier.parse(text)
    except NoteError:
        raise _damaged(path) from None


def reading_key(path: Path) -> X25519PrivateKey:
    """The key that opens free text.

    Raises:
        KeyFileError: it is missing or damaged.
    """
    return X25519PrivateKey.from_private_bytes(_raw(path))


def _raw(path: Path) -> bytes:
    try:
        raw = base64.b64decode(_read(path), validate=True)
    except binascii.Error:
        raise _damaged(path) from None
    if len(raw) != _BYTES:
        raise _damaged(path)
    return raw


def _damaged(path: Path) -> KeyFileError:
    return KeyFileError(f"{path} is no key. Restore it from a copy; a new one makes a new trail.")


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise KeyFileError(f"{path} cannot be read: {why}. {_mended(path, error)}") from None


def _mended(path: Path, error: Exception) -> str:
    """What to do about a key that cannot be read."""
    if isinstance(error, PermissionError):
        return "Give it to the user whom this runs as, or run it as its owner."
    if any(_has_half(path.parent, purpose) for purpose in _PURPOSES):
        return "Copy it from the folder in which the others were made: new keys do not fit them."
    return f"Make keys with: directory audit keys {path.parent} --name YOURS."


def _has_half(folder: Path, purpose: str) -> bool:
    return any((folder / f"{purpose}.{half}").exists() for half in ("key", "pub"))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While nobody else makes keys in the folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write_pair(folder: Path, purpose: str, secret: str, public: str) -> None:
    _write(folder / f"{purpose}.pub", public, 0o644)
    _write(folder / f"{purpose}.key", secret, 0o600)


def _write(path: Path, text: str, mode: int) -> None:
    """Write a key that is not there yet; it is whole or absent."""
    temporary = path.with_suffix(f"{path.suffix}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
