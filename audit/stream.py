"""The audit stream in Redis: where it is kept, on what server, and how it is read.

Durability is the server's: it writes every append to its append-only file and syncs it before it acknowledges; all
that wait share one sync. A server that is not set so, or that may evict, is refused at the start.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, RedisError

STREAM = "{directory:audit}:stream"
"""The stream's key. Its entries have two fields: ``entry``, the exact bytes, and ``signature``."""
HEADS = "{directory:audit}:heads"
"""For each segment, the number and hash of its last entry."""
KEYS = "{directory:audit}:keys"
"""Subjects' keys that the archive has not taken yet, by name."""
REQUIRED: Mapping[str, str] = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}
"""The server settings without which an acknowledged entry could be lost."""
_PROBE = "{directory:audit}:probe"

ARCHIVE = b"archive"
"""The consumer group of the archive."""
_MORE = 10
"""How many entries of other kinds are read along."""


class UnsafeStreamError(RedisError):
    """The server could lose an acknowledged entry; the message says which setting to change."""


_UNTOLD = "The audit stream's server does not tell this user its settings. Allow it CONFIG GET."


def connect(url: str, timeout: float) -> Redis:
    """A client for the stream. A broken connection is tried once more, and each new one makes sure of its server first.

    Args:
        url: the server's address.
        timeout: how long connecting, and each reply, may take, in seconds.
    """
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 1),
        retry_on_error=[RedisConnectionError],
        redis_connect_func=_connected,
        max_connections=64,
    )


async def check_durable(client: Redis) -> None:
    """Make sure that the server keeps what it acknowledges.

    Raises:
        UnsafeStreamError: a setting allows loss, or may not be read.
        RedisError: the server does not answer.
    """
    try:
        _check({name: (await client.config_get(name)).get(name) for name in REQUIRED})
    except NoPermissionError:
        raise UnsafeStreamError(_UNTOLD) from None


async def check_writable(client: Redis, replicas: int) -> None:
    """Make sure that the server takes an entry now, and that so many replicas follow.

    Raises:
        RedisError: it does not: its memory or disk is full, it became a replica, or too few replicas answer.
    """
    patience = client.connection_pool.connection_kwargs["socket_timeout"]
    pipe: Any = client.pipeline(transaction=False)
    pipe.set(_PROBE, b"")
    pipe.wait(replicas, int(500 * patience))
    _, confirmed = await pipe.execute()
    if confirmed < replicas:
        raise RedisError("Too few replicas follow the audit stream.")


async def _connected(connection: Any) -> None:
    """Greet a server, and make sure of it: behind the same address there may be another one than before."""
    await connection.on_connect()
    found: dict[str, str | None] = {}
    for name in REQUIRED:
        await connection.send_command("CONFIG", "GET", name)
        try:
            reply = await connection.read_response()
        except NoPermissionError:
            raise UnsafeStreamError(_UNTOLD) from None
        told = next(iter(reply.items())) if isinstance(reply, dict) and reply else reply
        found[name] = told[1].decode() if told else None
    _check(found)


def _check(settings: Mapping[str, str | None]) -> None:
    for name, found in settings.items():
        if found != REQUIRED[name]:
            raise UnsafeStreamError(
                f"The audit stream's server has {name} {found}, which can lose acknowledged entries. "
                f"Set {name} to {REQUIRED[name]} in its configuration and start it again."
            )


async def mark(client: Redis, segment: str) -> bytes:
    """Where a segment ends in the stream, as ``Head.mark``; empty if it is not there.

    Raises:
        RedisError: the server does not answer.
    """
    reader: Any = client
    return bytes(await reader.hget(HEADS, segment) or b"")


async def oldest_unarchived(client: Redis) -> float | None:
    """When the oldest entry was appended that the archive does not hold, in seconds since 1970; now, if it holds all.

    Returns None where no archive reads the stream.

    Raises:
        RedisError: the server does not answer.
    """
    reader: Any = client
    groups = await reader.xinfo_groups(STREAM) if await reader.exists(STREAM) else []
    found = [group for group in groups if group["name"] == ARCHIVE]
    if not found:
        return None
    pending = await reader.xpending(STREAM, ARCHIVE)
    behind = pending["min"] or b"(" + found[0]["last-delivered-id"]
    next_one = await reader.xrange(STREAM, min=behind, count=1)
    return int(next_one[0][0].split(b"-")[0]) / 1000 if next_one else time.time()


async def kept(client: Redis, names: Sequence[str]) -> dict[str, bytes]:
    """Those of the named subjects' keys that the stream still holds, wrapped.

    Raises:
        RedisError: the server does not answer.
    """
    reader: Any = client
    found = await reader.hmget(KEYS, names) if names else []
    return {name: wrapped for name, wrapped in zip(names, found, strict=True) if wrapped is not None}


async def entries(
    client: Redis, *, last: int, follow: bool, kinds: frozenset[str] = frozenset({"access"})
) -> AsyncIterator[dict[str, Any]]:
    """Decoded entries of some kinds, oldest first.

    Args:
        client: the stream's client; a wait for more ends before its timeout does.
        last: how many of the latest to begin with.
        follow: whether to wait for more.
        kinds: which kinds.

    Raises:
        RedisError: the server does not answer.
    """
    reader: Any = client  # redis-py's reply types cover every protocol version at once
    newest = await reader.xrevrange(STREAM, count=1)
    position = newest[0][0] if newest else b"0"  # not "$", which would forget what comes between two waits
    for entry in reversed([each async for each in _backwards(reader, position, last, kinds)]):
        yield entry
    patience = reader.connection_pool.connection_kwargs["socket_timeout"]
    while follow:
        for _, batch in await reader.xread({STREAM: position}, block=int(500 * min(patience, 2))):
            for _, fields in batch:
                entry = orjson.loads(fields[b"entry"])
                if entry["kind"] in kinds:
                    yield entry
            position = batch[-1][0]


async def _backwards(reader: Any, end: bytes, count: int, kinds: frozenset[str]) -> AsyncIterator[dict[str, Any]]:
    """So many of the entries up to one, newest first."""
    while count and (batch := await reader.xrevrange(STREAM, max=end, count=count + _MORE)):
        for position, fields in batch:
            end = b"(" + position
            entry = orjson.loads(fields[b"entry"])
            if entry["kind"] in kinds and count:
                count -= 1
                yield entry
