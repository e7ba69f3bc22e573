"""Keys, signatures and signed notes, in the text forms of golang.org/x/mod/sumdb/note and C2SP signed-note.

A note is a text and lines of signatures, each by a named key. Whoever has a key's public line can check it, with these
few lines or with any other program that knows the format. Witnesses sign with the time (C2SP cosignature/v1).
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

PLAIN = 1
"""The kind of a key that signs a text as it is."""
COSIGNING = 4
"""The kind of a witness's key, which signs a checkpoint together with the time."""
MOST = 100
"""A note with more signatures than this is malformed."""
_PRIVATE = "PRIVATE+KEY+"
_DASH = "\N{EM DASH} "
_SIGNATURE = 64
_KINDS = (PLAIN, COSIGNING)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class NoteError(Exception):
    """A key or a note is not what it should be; the message says in what."""


@dataclass(frozen=True)
class Verifier:
    """A public key with its name.

    Attributes:
        name: whose key it is, such as `directory.example/audit`.
        public: the 32 bytes of the Ed25519 public key.
        kind: `PLAIN` or `COSIGNING`.

    Raises:
        NoteError: the name or the key cannot be one.
    """

    name: str
    public: bytes
    kind: int = PLAIN

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in _KINDS or len(self.public) != 32:  # noqa: PLR2004 - the size of every Ed25519 key
            raise NoteError(f"The key of {self.name} is not an Ed25519 key for notes or cosignatures.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key from its public line, `name+hash+key`.

        Raises:
            NoteError: it is malformed, or its hash is not its own.
        """
        name, kind, public = _split(text.strip(), 0)
        key = cls(name, public, kind)
        if key.text != text.strip():
            raise NoteError(f"The hash in the key of {name} is not that of the key. Copy the whole line again.")
        return key

    @cached_property
    def _key(self) -> VerifyKey:
        return VerifyKey(self.public)

    @property
    def hash(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The public line."""
        return f"{self.name}+{self.hash.hex()}+{_encode(bytes([self.kind]) + self.public)}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the key's owner signed exactly this."""
        signed = message
        if self.kind == COSIGNING:
            signed, signature = _timed(int.from_bytes(signature[:8]), message), signature[8:]
        if len(signature) != _SIGNATURE:
            return False
        try:
            self._key.verify(signed, signature)
        except BadSignatureError:
            return False
        return True


class Signer:
    """A private key with its name.

    Args:
        name: whose key it is.
        seed: the 32 bytes of the Ed25519 private key.
        kind: `PLAIN` or `COSIGNING`.

    Attributes:
        verifier: the public key.

    Raises:
        NoteError: the name or the key cannot be one.
    """

    def __init__(self, name: str, seed: bytes, kind: int = PLAIN) -> None:
        if len(seed) != 32:  # noqa: PLR2004 - the size of every Ed25519 key
            raise NoteError(f"The key of {name} is not an Ed25519 key.")
        self._key = SigningKey(seed)
        self.verifier = Verifier(name, bytes(self._key.verify_key), kind)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key from its secret line, `PRIVATE+KEY+name+hash+key`.

        Raises:
            NoteError: it is malformed, or its hash is not its own. The message never holds the key.
        """
        if not text.startswith(_PRIVATE):
            raise NoteError("This is no private key: it does not begin with PRIVATE+KEY+.")
        name, kind, seed = _split(text.strip(), len(_PRIVATE))
        key = cls(name, seed, kind)
        if key.text != text.strip():
            raise NoteError(f"The hash in the private key of {name} is not that of the key. Restore the file.")
        return key

    @property
    def text(self) -> str:
        """The secret line."""
        known = self.verifier
        return f"{_PRIVATE}{known.name}+{known.hash.hex()}+{_encode(bytes([known.kind]) + bytes(self._key))}"

    def sign(self, message: bytes, at: int | None = None) -> bytes:
        """A signature of a message.

        Args:
            message: what is signed.
            at: the time in seconds since 1970, which a cosignature carries and a plain signature does not.
        """
        if self.verifier.kind == PLAIN:
            return self._key.sign(message).signature
        if at is None:
            raise NoteError("A cosignature needs the time.")
        return at.to_bytes(8) + self._key.sign(_timed(at, message)).signature


@dataclass(frozen=True)
class Signature:
    """One signature line.

    Attributes:
        name: the key's name, as the line claims.
        hash: the key's four bytes.
        signature: the signature itself; of a cosignature, the time in eight bytes before it.
    """

    name: str
    hash: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, with its end."""
        return f"{_DASH}{self.name} {_encode(self.hash + self.signature)}\n"

    @property
    def at(self) -> int:
        """Of a cosignature, its time in seconds since 1970."""
        return int.from_bytes(self.signature[:8])


@dataclass(frozen=True)
class Note:
    """A note's parts, nothing of it verified yet.

    Attributes:
        text: what is signed, with its last newline.
        signatures: the lines below it.
    """

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """A note from its bytes.

        Raises:
            NoteError: it is malformed.
        """
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise NoteError("The note is not UTF-8.") from None
        body, found, lines = whole.rpartition("\n\n")
        if not found or not lines.endswith("\n") or _CONTROL.search(whole):
            raise NoteError("The note is not a text, an empty line and lines of signatures.")
        split = lines[:-1].split("\n")
        if len(split) > MOST:
            raise NoteError(f"The note has more than {MOST} signatures.")
        return cls(body + "\n", tuple(parse_line(line) for line in split))

    @property
    def data(self) -> bytes:
        """The note's bytes."""
        return (self.text + "\n" + "".join(each.line for each in self.signatures)).encode()

    def verified(self, keys: Iterable[Verifier]) -> tuple[Signature, ...]:
        """The signatures by these keys, one for each key at most. Those by others are left aside.

        Raises:
            NoteError: a line claims one of the keys, and the signature is not that key's.
        """
        known = {(key.name, key.hash): key for key in keys}
        good: list[Signature] = []
        for each in self.signatures:
            key = known.pop((each.name, each.hash), None)
            if key is not None:
                if not key.verify(self.text.encode(), each.signature):
                    raise NoteError(f"The signature of {each.name} is not that of this text.")
                good.append(each)
        return tuple(good)


def parse_line(line: str) -> Signature:
    """A signature line, without its end.

    Raises:
        NoteError: it is malformed.
    """
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise NoteError("A line of signatures does not begin with a dash.")
    _check_name(name)
    data = _decode(encoded)
    if len(data) < 5:  # noqa: PLR2004 - four bytes of the key's hash, and something that is signed
        raise NoteError(f"The signature of {name} is too short.")
    return Signature(name, data[:4], data[4:])


def sign(text: str, signers: Sequence[Signer], at: int | None = None) -> Note:
    """A note signed by these keys, in this order.

    Raises:
        NoteError: the text cannot be one of a note.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("The text of a note ends with a newline and has no other control characters.")
    message = text.encode()
    return Note(text, tuple(Signature(s.verifier.name, s.verifier.hash, s.sign(message, at)) for s in signers))


def generate(name: str, kind: int = PLAIN) -> Signer:
    """A new key."""
    return Signer(name, bytes(SigningKey.generate()), kind)


def _timed(at: int, message: bytes) -> bytes:
    return f"cosignature/v1\ntime {at}\n".encode() + message


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name) or not name.isprintable():
        raise NoteError("A key's name has no spaces and no plus, and is not empty.")


def _split(text: str, start: int) -> tuple[str, int, bytes]:
    """Name, kind and key of a line; its hash is checked by whoever writes the line again and compares."""
    parts = text[start:].split("+", 2)
    if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1]):  # noqa: PLR2004 - name, hash, key
        raise NoteError("A key is a line of a name, a hash and the key, joined by plus signs.")
    data = _decode(parts[2])
    return parts[0], data[0] if data else 0, data[1:]


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    """Bytes from base64 in its one canonical form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("This is not base64.") from None
    if _encode(data) != text:
        raise NoteError("This is not base64 in its canonical form.")
    return data
