"""The issuer's public keys: read, cached for a bounded time, and followed when they rotate."""

from gateway.jwks.keys import Key, KeySet
from gateway.jwks.origin import FileOrigin, HttpOrigin, Origin, origin_of
from gateway.jwks.source import KeySource

__all__ = ["FileOrigin", "HttpOrigin", "Key", "KeySet", "KeySource", "Origin", "origin_of"]
