"""Federated tracing: off unless asked for, and one span that tells no more than the router's own clock."""

import base64
from typing import Any

import pytest

from tests.edge import edge
from tests.fakes import FakeDecider, FakeRecorder

ASKED = {"query": "{ me { id } }"}
STATED = {"x-access-purpose": "coordinate-services", "x-access-reason": "call"}
TRACE = {"apollo-federation-include-trace": "ftv1"}


def read(message: bytes) -> dict[int, Any]:
    """The fields of a Protocol Buffers message by number: numbers, and bytes."""
    found: dict[int, Any] = {}
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(message):
        number, kind = divmod(varint(), 8)
        if kind == 0:
            found[number] = varint()
        else:
            assert kind == 2
            length = varint()
            found[number] = message[place : place + length]
            place += length
    return found


def moment(message: bytes) -> int:
    """A timestamp in nanoseconds."""
    fields = read(message)
    seconds, rest = fields[1], fields.get(2, 0)
    assert isinstance(seconds, int)
    assert isinstance(rest, int)
    return seconds * 10**9 + rest


async def test_a_trace_says_how_long_the_operation_took() -> None:
    """Where the settings allow it and a router asks, the trace is one span from the beginning to the end."""
    response = await edge(traces=True).post(ASKED, **STATED, **TRACE)
    trace = read(base64.b64decode(response.json()["extensions"]["ftv1"], validate=True))
    assert set(trace) == {3, 4, 11, 14}
    assert trace[11] == moment(trace[3]) - moment(trace[4]) > 0
    assert trace[14] == b""


async def test_a_traced_answer_has_its_receipt_in_a_header() -> None:
    """The router has the extensions to itself; the receipt is in the header, as in every answer."""
    served = edge(traces=True)
    traced = await served.post(ASKED, **STATED, **TRACE)
    assert set(traced.json()["extensions"]) == {"ftv1"}
    assert traced.headers["x-access-receipt"] == served.recorder.last.receipt
    plain = await served.post(ASKED, **STATED)
    assert set(plain.json()["extensions"]) == {"access"}
    assert plain.headers["x-access-receipt"] == plain.json()["extensions"]["access"]["receipt"]


@pytest.mark.parametrize(
    ("traces", "header"), [(False, TRACE), (True, {}), (True, {"apollo-federation-include-trace": "ftv2"})]
)
async def test_there_is_no_trace_unasked(*, traces: bool, header: dict[str, str]) -> None:
    """Without the setting, or without a router that asks for this kind, there is no trace."""
    response = await edge(traces=traces).post(ASKED, **STATED, **header)
    assert "ftv1" not in response.json()["extensions"]


async def test_a_refusal_is_not_traced() -> None:
    """A refusal is as fast or slow as its reason, so it carries its receipt and no trace."""
    served = edge(traces=True, recorder=FakeRecorder(), decider=FakeDecider(("REASON_REQUIRED",)))
    response = await served.post(ASKED, **STATED, **TRACE)
    assert "ftv1" not in response.json()["extensions"]
    assert response.headers["x-access-receipt"] == served.recorder.last.receipt
