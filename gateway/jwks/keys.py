"""A JSON Web Key Set (RFC 7517), reduced to the keys that may verify a token here."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

ALGORITHMS: Mapping[tuple[str, str | None], tuple[str, ...]] = MappingProxyType(
    {
        ("RSA", None): ("RS256", "PS256"),
        ("EC", "P-256"): ("ES256",),
        ("OKP", "Ed25519"): ("EdDSA",),
    }
)
"""The signature algorithms of each key type and curve: asymmetric ones, and no others."""

MIN_RSA_BITS = 2048
"""The shortest RSA key, as RFC 7518 section 3.3 demands."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key and the algorithms that it may verify."""

    public: Any
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys by identifier; the version changes whenever they do."""

    version: int
    keys: Mapping[str, Key]


def usable_keys(raw: bytes) -> dict[str, Key]:
    """The keys of a published set by identifier.

    Left out: symmetric and private keys, keys for encryption, weak or unknown kinds, keys without an identifier, and
    every key whose identifier is not its own.

    Raises:
        ValueError: this is not a key set.
    """
    published = orjson.loads(raw)
    entries = published.get("keys") if isinstance(published, dict) else None
    if not isinstance(entries, list):
        raise ValueError("a key set is an object with a list of keys")  # noqa: TRY004 - one error for what is unreadable
    found = list(_usable(entries))
    names = Counter(name for name, _ in found)
    return {name: key for name, key in found if names[name] == 1}


def _usable(entries: list[Any]) -> Iterator[tuple[str, Key]]:
    for entry in entries:
        name = entry.get("kid") if isinstance(entry, dict) else None
        if isinstance(name, str) and (key := _key(entry)):
            yield name, key


def _key(entry: dict[str, Any]) -> Key | None:
    kind, curve = entry.get("kty"), entry.get("crv")
    if not isinstance(kind, str) or not isinstance(curve, str | None):
        return None
    operations = entry.get("key_ops", ["verify"])
    algorithms = tuple(a for a in ALGORITHMS.get((kind, curve), ()) if entry.get("alg", a) == a)
    verifies = entry.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    if not algorithms or not verifies or "d" in entry:
        return None
    try:
        public = PyJWK.from_dict(entry, algorithms[0]).key
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None
    return None if kind == "RSA" and public.key_size < MIN_RSA_BITS else Key(public, algorithms)
