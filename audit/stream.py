"""The audit stream in Redis: an answer leaves only after its entry is on disk.

Durability is the server's: it writes every append to its append-only file and syncs it before it acknowledges. A
server that is not set so, or that may evict, is refused at the start.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from audit.event import encode
from resolvers.model import Entry
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)

STREAM = "directory:audit"
"""The stream's key."""
REQUIRED: Mapping[str, str] = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
"""The server settings without which an acknowledged entry could be lost."""


class UnsafeStreamError(Exception):
    """The server could lose an acknowledged entry; the message says which setting to change."""


def connect(url: str, timeout: float) -> Redis:
    """A client for the stream.

    A broken connection is retried once: an entry carries a unique receipt, so readers recognise one that was written
    twice.

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
        max_connections=64,
    )


async def check_durable(client: Redis) -> None:
    """Make sure that the server keeps what it acknowledges.

    Raises:
        UnsafeStreamError: a setting allows loss.
        RedisError: the server does not answer.
    """
    for name, required in REQUIRED.items():
        found = (await client.config_get(name)).get(name)
        if found != required:
            raise UnsafeStreamError(
                f"The audit stream's server has {name} {found}, which can lose acknowledged entries. "
                f"Set {name} to {required} in its configuration and start it again."
            )


class StreamRecorder:
    """Appends entries.

    Args:
        client: the stream's client.
    """

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def record(self, entry: Entry) -> None:
        """Append an entry; return when the server has confirmed it on disk.

        Raises:
            Refusal: it may not be on disk, so the answer must not leave.
        """
        try:
            await self._client.xadd(STREAM, {"receipt": entry.receipt, "entry": encode(entry)})
        except (RedisError, OSError) as error:
            _log.error("audit: %s", type(error).__name__)
            raise Refusal("AUDIT_UNAVAILABLE") from None


async def entries(client: Redis, *, last: int, follow: bool) -> AsyncIterator[dict[str, Any]]:
    """Decoded entries, oldest first.

    Args:
        client: the stream's client; a wait for more ends before its timeout does.
        last: how many of the latest to begin with.
        follow: whether to wait for more.

    Raises:
        RedisError: the server does not answer.
    """
    reader: Any = client  # redis-py's reply types cover every protocol version at once
    found = await reader.xrevrange(STREAM, count=max(1, last))
    position = found[0][0] if found else b"0"  # not "$", which would forget what comes between two waits
    for _, fields in reversed(found[:last]):
        yield orjson.loads(fields[b"entry"])
    patience = reader.connection_pool.connection_kwargs["socket_timeout"]
    while follow:
        for _, batch in await reader.xread({STREAM: position}, block=int(500 * min(patience, 2))):
            for _, fields in batch:
                yield orjson.loads(fields[b"entry"])
            position = batch[-1][0]
