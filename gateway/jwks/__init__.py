"""The issuer's public keys: read, cached for a bounded time, and followed when they rotate."""

from gateway.jwks.keys import Key, KeySet
from gateway.jwks.source import KeySource

__all__ = ["Key", "KeySet", "KeySource"]
