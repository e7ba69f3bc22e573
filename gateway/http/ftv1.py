"""Federated tracing: how long an operation took, for a router that asks and where the settings allow it.

A trace has one span, the operation itself. The directory answers all of it by one statement, so spans of single fields
would be invented; and one span tells a router nothing that its own clock does not.

Source: the message ``Trace`` of Apollo's reports.proto: end_time 3, start_time 4, duration_ns 11, root 14; in it the
message ``Timestamp`` of Protocol Buffers: seconds 1, nanos 2.
"""

import base64
from collections.abc import Sequence

from starlette.datastructures import Headers

HEADER = "apollo-federation-include-trace"
_BILLION = 1_000_000_000
_NUMBER, _BYTES = 0, 2  # how a field is written: a number, or bytes after their length


def asked_for(headers: Headers) -> bool:
    """Whether the router asks for a trace of this kind."""
    return headers.get(HEADER) == "ftv1"


def trace(began: int, ended: int) -> str:
    """A trace as ``extensions.ftv1`` holds it: Base64 of the message.

    Args:
        began: when the operation began, in nanoseconds since 1970.
        ended: when its answer was ready, likewise.
    """
    fields: list[tuple[int, int | bytes]] = [
        (3, _timestamp(ended)),
        (4, _timestamp(began)),
        (11, max(0, ended - began)),
        (14, b""),
    ]
    return base64.b64encode(_message(fields)).decode("ascii")


def _timestamp(nanoseconds: int) -> bytes:
    return _message([(1, nanoseconds // _BILLION), (2, nanoseconds % _BILLION)])


def _message(fields: Sequence[tuple[int, int | bytes]]) -> bytes:
    written = bytearray()
    for number, value in fields:
        if isinstance(value, bytes):
            written += _varint(number << 3 | _BYTES) + _varint(len(value)) + value
        else:
            written += _varint(number << 3 | _NUMBER) + _varint(value)
    return bytes(written)


def _varint(value: int) -> bytes:
    """A number in groups of seven bits, the lowest first, each but the last with its top bit set."""
    groups = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
