"""A checkpoint says how large a log is and what its root is: the text of a signed note (C2SP tlog-checkpoint)."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from audit.merkle import SIZE
from audit.note import Note, NoteError, Signature, Verifier

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_MANIFEST = re.compile(r"manifest ([0-9a-f]{64})")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint.

    Attributes:
        origin: which log it is of.
        size: how many leaves the log has.
        root: the root of its tree.
        extensions: further lines, which a witness signs and need not understand.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """A checkpoint from a note's text.

        Raises:
            NoteError: it is malformed.
        """
        origin, *rest = text.removesuffix("\n").split("\n")
        if len(rest) < 2 or not origin or not _SIZE.fullmatch(rest[0]) or not all(rest[2:]):  # noqa: PLR2004 - its lines
            raise NoteError("A checkpoint has an origin, a size and a root, each on a line of its own.")
        try:
            found = base64.b64decode(rest[1], validate=True)
        except ValueError:
            found = b""
        checkpoint = cls(origin, int(rest[0]), found, tuple(rest[2:]))
        if len(found) != SIZE or checkpoint.text != text:
            raise NoteError("The root of a checkpoint is a SHA-256 in base64.")
        return checkpoint

    @property
    def text(self) -> str:
        """The note's text."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @property
    def manifest(self) -> str | None:
        """The SHA-256 of the archive's manifest, hexadecimal, if the checkpoint names one."""
        found = [match[1] for line in self.extensions if (match := _MANIFEST.fullmatch(line))]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Opened:
    """A checkpoint whose log has signed it.

    Attributes:
        checkpoint: what it says.
        note: the note it came from.
        cosignatures: those of the witnesses that were asked for, one for each at most.
    """

    checkpoint: Checkpoint
    note: Note
    cosignatures: tuple[Signature, ...]


def open_checkpoint(data: bytes, log: Verifier, witnesses: Iterable[Verifier] = ()) -> Opened:
    """A checkpoint that this log has signed.

    Raises:
        NoteError: it is malformed, of another log, or not signed by the log; or a line claims to be one of these
            witnesses' and is not.
    """
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.name:
        raise NoteError(f"The checkpoint is of {checkpoint.origin}, and not of {log.name}.")
    if not note.verified([log]):
        raise NoteError(f"The checkpoint is not signed with the key of {log.name}.")
    return Opened(checkpoint, note, note.verified(witnesses))
