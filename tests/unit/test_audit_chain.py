"""The chain: each entry names the one before it and is signed, and a receipt is an entry's signed hash."""

import hashlib

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.chain import NOTHING, Receipt, chained, new_segment, read_receipt, signed
from tests.evidence import SIGNING


class Public:
    """Whoever knows the public key."""

    def verify(self, message: bytes, signature: bytes, /) -> bool:
        """Whether the signature is the signer's."""
        try:
            SIGNING.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True


def test_each_entry_names_the_one_before() -> None:
    """Entries are numbered from 0, and each holds its segment, its number and the hash of the one before."""
    head = new_segment()
    before = NOTHING
    for number in range(3):
        link, head = chained(head, "access", {"receipt": str(number)}, SIGNING)
        found = orjson.loads(link.entry)
        assert (found["segment"], found["n"], found["prev"]) == (head.segment, number, before.hex())
        assert (link.n, head.n, head.hash) == (number, number, link.hash)
        before = hashlib.sha256(link.entry).digest()
        assert link.hash == before
    assert head.mark == f"2:{before.hex()}".encode()
    assert new_segment().mark == b""
    assert new_segment().segment != new_segment().segment


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(st.integers(min_value=0), st.integers(1, 255))
def test_no_byte_of_a_signed_entry_can_change(place: int, change: int) -> None:
    """Whichever byte of an entry or of its signature is changed, the signature no longer fits."""
    link, _ = chained(new_segment(), "access", {"receipt": "r"}, SIGNING)
    whole = bytearray(link.entry + link.signature)
    assert signed(link.entry, link.signature, Public())
    whole[place % len(whole)] ^= change
    assert not signed(bytes(whole[:-64]), bytes(whole[-64:]), Public())


def test_a_receipt_survives_as_text() -> None:
    """A receipt read from its text is the same, is genuine, and names the leaf that the log holds."""
    link, _ = chained(new_segment(), "access", {}, SIGNING)
    receipt = Receipt("0" * 32, link.hash, link.signature)
    assert read_receipt(f" {receipt}\n") == receipt
    assert receipt.genuine(Public())
    assert receipt.leaf == link.hash + link.signature
    assert not Receipt("0" * 32, link.signature[:32], link.signature).genuine(Public())


ID, HASH, SIGNATURE = "0" * 32, "A" * 43, "A" * 86


@pytest.mark.parametrize(
    "text",
    [
        "",
        "r",
        ID,
        "..",
        f"{ID}.x.y",
        f"{ID}.{HASH}.{SIGNATURE[1:]}",
        f"{ID}.{HASH[1:]}B.{SIGNATURE}",
        f"g{ID[1:]}.{HASH}.{SIGNATURE}",
        f"{ID}.{HASH}.{SIGNATURE}.",
        f"{ID}.é{HASH[1:]}.{SIGNATURE}",
    ],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    """Anything but a receipt is refused with where to find one."""
    with pytest.raises(ValueError, match=r"extensions\.access\.receipt"):
        read_receipt(text)
