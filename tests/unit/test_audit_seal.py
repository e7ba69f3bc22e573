"""Sealing: who holds the reading key reads free text, until its subjects are forgotten."""

from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from audit.event import encode
from audit.seal import KEY_SECONDS, UNATTRIBUTED, Sealer, named, unsealed

READING = X25519PrivateKey.generate()
SECRET = {"reason": "Zoë's mother called", "arguments": [["child", {"id": "c"}]]}


class Clock:
    """Seconds that go on when told."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def sealer(clock: Clock | None = None) -> Sealer:
    """A sealer of one worker."""
    return Sealer(READING.public_key(), clock or Clock())


def sealed_entry(own: Sealer, receipt: str, *whose: str, month: str = "2026-03") -> dict[str, Any]:
    """An entry with something sealed, as it comes back from the stream."""
    found: dict[str, Any] = orjson.loads(
        encode({"receipt": receipt, "sealed": own.seal(receipt, month, whose, SECRET)})
    )
    return found


def kept(own: Sealer) -> dict[str, bytes]:
    """The keys made since, as they are kept."""
    return {key.name: key.wrapped for key in own.take()}


def test_the_reading_key_opens_what_was_sealed() -> None:
    """With the reading key and a subject's kept key the text is read; it is nowhere in the entry or the keys."""
    own = sealer()
    entry = sealed_entry(own, "r", "c1", "c2")
    keys = kept(own)
    assert unsealed(entry, keys, READING) == SECRET
    assert "mother" not in str(entry)
    assert all(b"mother" not in wrapped for wrapped in keys.values())
    assert {named(name, b"").subject for name in keys} == {"c1", "c2"}


def test_a_forgotten_subject_cannot_be_read_and_others_can() -> None:
    """Without a subject's keys, what concerns that subject alone is unreadable, and every other entry is read."""
    own = sealer()
    alone, both, other = (
        sealed_entry(own, name, *whose) for name, whose in (("a", ("c1",)), ("b", ("c1", "c2")), ("o", ("c2",)))
    )
    keys = {name: wrapped for name, wrapped in kept(own).items() if named(name, wrapped).subject != "c1"}
    assert unsealed(alone, keys, READING) is None
    assert unsealed(both, keys, READING) == unsealed(other, keys, READING) == SECRET


def test_months_have_keys_of_their_own() -> None:
    """Destroying the keys of one month leaves a subject's other months readable."""
    own = sealer()
    march, april = sealed_entry(own, "m", "c"), sealed_entry(own, "a", "c", month="2026-04")
    keys = {name: wrapped for name, wrapped in kept(own).items() if named(name, wrapped).month == "2026-04"}
    assert (unsealed(march, keys, READING), unsealed(april, keys, READING)) == (None, SECRET)


def test_what_concerns_nobody_has_a_key_too() -> None:
    """An entry that touched nobody is sealed under a key of its month, and can be read."""
    own = sealer()
    entry = sealed_entry(own, "r")
    keys = kept(own)
    assert [named(name, b"").subject for name in keys] == [UNATTRIBUTED]
    assert unsealed(entry, keys, READING) == SECRET
    assert unsealed({"receipt": "r", "kind": "closed"}, keys, READING) is None


def test_a_key_is_used_again_for_a_while() -> None:
    """A worker makes a subject's key once, uses it for some minutes, and then makes another."""
    clock = Clock()
    own = sealer(clock)
    sealed_entry(own, "a", "c")
    assert len(kept(own)) == 1
    clock.now = KEY_SECONDS
    sealed_entry(own, "b", "c")
    assert not kept(own)
    clock.now = KEY_SECONDS + 1
    sealed_entry(own, "d", "c")
    assert len(kept(own)) == 1


def test_a_key_that_may_not_be_kept_is_used_no_more() -> None:
    """After a failed append its keys are made anew, so that no entry depends on a key that was never kept."""
    own = sealer()
    sealed_entry(own, "a", "c")
    own.drop(own.take())
    entry = sealed_entry(own, "b", "c")
    assert unsealed(entry, kept(own), READING) == SECRET


@pytest.mark.parametrize("part", ["reading", "key", "text", "wrap", "receipt"])
def test_nothing_else_opens_it(part: str) -> None:
    """Another reading key, a changed key, text or wrap, or another entry's receipt, opens nothing."""
    own = sealer()
    entry = sealed_entry(own, "r", "c")
    keys, reading = kept(own), READING
    if part == "reading":
        reading = X25519PrivateKey.generate()
    elif part == "key":
        keys = {name: wrapped[:-1] + bytes([wrapped[-1] ^ 1]) for name, wrapped in keys.items()}
    elif part == "receipt":
        entry["receipt"] = "s"
    elif part == "text":
        entry["sealed"]["text"] = "AAAA" + entry["sealed"]["text"][4:]
    else:
        entry["sealed"]["for"]["c"][1] = "AAAA" + entry["sealed"]["for"]["c"][1][4:]
    with pytest.raises(ValueError, match="does not fit"):
        unsealed(entry, keys, reading)
