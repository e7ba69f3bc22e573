"""Keys and signed notes."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.note import COSIGNING, MOST, Note, NoteError, Signer, Verifier, generate, parse_line, sign

# The example of the Go package golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
names = st.from_regex(r"[a-z0-9./-]{1,20}", fullmatch=True)
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=80)


def test_the_published_example_verifies() -> None:
    """The example note of the format's home verifies, and parsing then writing it gives the same bytes."""
    note = Note.parse(PETER_NOTE.encode())
    assert [each.name for each in note.verified([Verifier.parse(PETER)])] == ["PeterNeumann"]
    assert note.data == PETER_NOTE.encode()


@given(names, texts, st.sampled_from([None, 1, 1_800_000_000]))
def test_what_is_signed_verifies(name: str, text: str, at: int | None) -> None:
    """A signed note verifies with the key's public line, and with no other key of that name."""
    signer = generate(name, COSIGNING if at else 1)
    note = Note.parse(sign(text + "\n", [signer], at).data)
    assert note.text == text + "\n"
    (found,) = note.verified([Verifier.parse(signer.verifier.text)])
    assert at is None or found.at == at
    assert note.verified([generate(name).verifier]) == ()


@given(st.data())
def test_any_flipped_byte_is_noticed(data: st.DataObject) -> None:
    """A note with one byte changed anywhere is malformed, wrong, or no longer signed by the key."""
    signer = generate("directory.example/audit")
    good = bytearray(sign("some text\nof two lines\n", [signer]).data)
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))
    with suppress(NoteError):
        assert Note.parse(bytes(good)).verified([signer.verifier]) == ()


def test_a_cosignature_covers_its_time() -> None:
    """A cosignature whose time was changed no longer verifies."""
    signer = generate("witness.example", COSIGNING)
    assert signer.verifier.verify(b"text\n", signer.sign(b"text\n", 7))
    assert not signer.verifier.verify(b"text\n", (8).to_bytes(8) + signer.sign(b"text\n", 7)[8:])
    assert not signer.verifier.verify(b"text\n", b"short")
    with pytest.raises(NoteError, match="needs the time"):
        signer.sign(b"text\n")


def test_keys_survive_their_text() -> None:
    """A private key read back from its line signs as before."""
    signer = generate("directory.example/audit")
    again = Signer.parse(signer.text + "\n")
    assert again.verifier == signer.verifier
    assert again.sign(b"x") == signer.sign(b"x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PETER.replace("c74f20a3", "c74f20a4"), "hash"),
        (PETER.replace("c74f20a3", "C74F20A3"), "joined by plus"),
        (PETER.replace("PeterNeumann", "Peter Neumann"), "name"),
        (PETER[:-1], "base64"),
        (PETER[:-4], "Ed25519"),
        (PETER.replace("+ARpc", "+Ahpc"), "not an Ed25519 key for notes"),
        ("name+12345678+", "Ed25519"),
        ("PeterNeumann", "joined by plus"),
    ],
)
def test_a_wrong_public_key_is_refused(text: str, said: str) -> None:
    """A public line that is not exactly one is refused, with what is wrong with it."""
    with pytest.raises(NoteError, match=re.escape(said)):
        Verifier.parse(text)


def test_a_wrong_private_key_is_refused_and_not_repeated() -> None:
    """A damaged private line is refused, and the message does not hold the key."""
    text = generate("a").text
    other = generate("a").text
    mixed = "+".join([*text.split("+")[:4], other.split("+", 4)[4]])
    for wrong in (text[8:], mixed, text[:-8]):
        with pytest.raises(NoteError) as told:
            Signer.parse(wrong)
        assert [key for key in (text, other) if key.split("+", 4)[4][:20] in str(told.value)] == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\n\n", "UTF-8"),
        (b"text\n", "empty line"),
        (b"te\x00xt\n\n\xe2\x80\x94 a AAAAAAAA\n", "empty line"),
        (b"text\n\n- a AAAAAAAA\n", "dash"),
        (b"text\n\n\xe2\x80\x94 a AAAA\n", "too short"),
        (b"text\n\n\xe2\x80\x94 a AAAAAAB=\n", "canonical"),
        (b"text\n\n\xe2\x80\x94  AAAAAAAA\n", "name"),
        (b"text\n\n" + b"\xe2\x80\x94 a AAAAAAA=\n" * (MOST + 1), "more than"),
    ],
)
def test_a_malformed_note_is_refused(data: bytes, said: str) -> None:
    """A note that is not exactly one is refused, with what is wrong with it."""
    with pytest.raises(NoteError, match=said):
        Note.parse(data)


def test_only_a_text_is_signed() -> None:
    """What has no newline at its end, or control characters, is not signed."""
    for text in ("no end", "bell\a\n"):
        with pytest.raises(NoteError, match="ends with a newline"):
            sign(text, [generate("a")])


def test_a_second_signature_of_one_key_is_left_aside() -> None:
    """Of two lines by one key only the first counts, as in the format's home."""
    signer = generate("a")
    note = sign("text\n", [signer])
    twice = Note(note.text, (*note.signatures, parse_line(sign("other\n", [signer]).signatures[0].line[:-1])))
    assert twice.verified([signer.verifier]) == note.signatures
