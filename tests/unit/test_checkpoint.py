"""Checkpoints: what they say, and who has signed them."""

import base64
import json

import pytest

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.merkle import EMPTY
from audit.note import COSIGNING, Note, NoteError, generate, sign
from tests.verifier import verify

LOG = generate("directory.example/log")
WITNESS = generate("witness.example", COSIGNING)
HEAD = Checkpoint("directory.example/log", 7, EMPTY, (f"manifest {'a' * 64}",))


def cosigned() -> bytes:
    """The checkpoint with the log's signature and the witness's."""
    log, witness = sign(HEAD.text, [LOG]), sign(HEAD.text, [WITNESS], 1_800_000_000)
    return Note(HEAD.text, log.signatures + witness.signatures).data


def test_a_checkpoint_is_read_as_written() -> None:
    """A checkpoint says what it said, and names the manifest if exactly one line does."""
    manifest = f"manifest {'a' * 64}"
    for lines, named in (((), None), ((manifest, "other"), "a" * 64), ((manifest, manifest), None)):
        checkpoint = Checkpoint("directory.example/log", 7, EMPTY, lines)
        assert Checkpoint.parse(checkpoint.text) == checkpoint
        assert checkpoint.manifest == named


@pytest.mark.parametrize(
    "text",
    ["a\n1\n", "a\n01\n{root}\n", "\n1\n{root}\n", "a\n1\n{root}\n\n", "a\n1\n!\n", "a\n1\nAAAA\n", "a\n1\n{root}"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    """A text that is not exactly a checkpoint's is refused."""
    with pytest.raises(NoteError):
        Checkpoint.parse(text.format(root=base64.b64encode(EMPTY).decode()))


def test_a_checkpoint_is_opened_with_its_logs_key_alone() -> None:
    """A checkpoint of another log, or without the log's signature, is refused; cosignatures are those asked for."""
    opened = open_checkpoint(cosigned(), LOG.verifier, [WITNESS.verifier])
    assert opened.checkpoint == HEAD
    assert [(each.name, each.at) for each in opened.cosignatures] == [("witness.example", 1_800_000_000)]
    assert open_checkpoint(cosigned(), LOG.verifier).cosignatures == ()
    other = sign(Checkpoint("other.example", 7, EMPTY).text, [LOG]).data
    for data, said in ((other, "is of other"), (sign(HEAD.text, [generate(HEAD.origin)]).data, "is not signed")):
        with pytest.raises(NoteError, match=said):
            open_checkpoint(data, LOG.verifier)


def test_go_reads_it_with_its_cosignature() -> None:
    """Go's note package verifies the log's signature, and a cosignature made by its specification."""
    done = verify("note", LOG.verifier.text, WITNESS.verifier.text, given=cosigned())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"text": HEAD.text, "signed": [LOG.verifier.name, WITNESS.verifier.name]}
