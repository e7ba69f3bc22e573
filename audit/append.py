"""Appending to the audit stream: a batch is appended whole, once, and only behind the entry it was made for."""

from collections.abc import Sequence

from redis.exceptions import ResponseError

from audit.chain import Head, Link
from audit.line import Command, Line
from audit.seal import SubjectKey
from audit.stream import HEADS, KEYS, STREAM

_ELSEWHERE = "the segment ends elsewhere"
_APPEND = f"""
local head = redis.call('HGET', KEYS[2], ARGV[1]) or ''
if head == ARGV[3] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  return 'AGAIN'
end
if head ~= ARGV[2] then return redis.error_reply('{_ELSEWHERE}') end
local entries, keys = 2 * tonumber(ARGV[4]), 2 * tonumber(ARGV[5])
for at = 6 + entries, 4 + entries + keys, 2 do redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1]) end
for at = 6, 4 + entries, 2 do redis.call('XADD', KEYS[1], '*', 'entry', ARGV[at], 'signature', ARGV[at + 1]) end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return 'OK'
"""
"""Appends behind a known head. What can fail does so before the first entry. Sent twice it appends once, so that a
broken connection may be tried again; the head is then written once more, because a server waits for its replicas only
as far as the same connection has written."""


class ElsewhereError(Exception):
    """The segment does not end in the stream where it should."""


class UnconfirmedError(Exception):
    """Fewer replicas than required have confirmed what was appended."""


async def append(
    line: Line, head: Head, after: Head, links: Sequence[Link], keys: Sequence[SubjectKey], *, replicas: int = 0
) -> None:
    """Append a batch behind a segment's head; return when the server, and so many replicas, have confirmed it.

    Args:
        line: a connection to the stream.
        head: where the segment ends now.
        after: where it ends with the batch.
        links: the batch.
        keys: subjects' keys that it uses, kept with it.
        replicas: how many replicas must confirm too.

    Raises:
        ElsewhereError: the segment ends elsewhere; nothing was appended.
        ResponseError: the server refuses it; nothing was appended.
        UnconfirmedError: it was appended, but may not outlive the server.
        RedisError, OSError: it may or may not be appended.
    """
    batch: list[str | bytes] = []
    for link in links:
        batch += (link.entry, link.signature)
    for key in keys:
        batch += (key.name, key.wrapped)
    place = (head.segment, head.mark, after.mark, len(links), len(keys))
    commands: list[Command] = [("EVAL", _APPEND, 3, STREAM, HEADS, KEYS, *place, *batch)]
    if replicas:
        commands.append(("WAIT", replicas, int(500 * line.seconds)))
    appended, *confirmed = await line.say(*commands)
    if isinstance(appended, ResponseError):
        raise ElsewhereError if str(appended).endswith(_ELSEWHERE) else appended
    for count in confirmed:
        if isinstance(count, ResponseError) or count < replicas:
            raise UnconfirmedError
