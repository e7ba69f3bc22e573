"""Requests that are made to confuse: each is answered with a 4xx and recorded, never with a 500."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.edge import LEGACY, codes, edge, signed

ASKED = b'{"query": "{ __typename }"}'


def deep(levels: int) -> bytes:
    """A request whose variables are nested."""
    return b'{"query": "{ __typename }", "variables": ' + b'{"a":' * levels + b"0" + b"}" * levels + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ __typename } \xff"}',
        b'{"query": "\xc0\xaf"}',
        b'{"query": "\xed\xa0\x80"}',
        b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ __typename }", "variables": {"\\udc00": 1}}',
        b'{"query": "\\ud83d"}',
        b'\xef\xbb\xbf{"query": "{ __typename }"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
        '{"query": "{ __typename }"}'.encode("utf-16-le"),
        '{"query": "{ __typename }"}'.encode("utf-32"),
        b"\x00" + ASKED,
        ASKED + b"\x00",
        ASKED + ASKED,
        b'{"query": "{ __typename }\x01"}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
        b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
        b'{"query": "{ __typename }", "variables": {"a": 1e400}}',
        b'{"query": "{ __typename }", "variables": {"a": 1' + b"0" * 5000 + b"}}",
        b'{"query": "{ __typename }", "variables": {"a": 18446744073709551616}}',
        b'{"query": "{ __typename }", "variables": {"a": 9007199254740992}}',
        b'{"query": "{ __typename }", "variables": {"a": -9007199254740992}}',
        b'{"query": "{ __typename }", "variables": {"a": 0x10}}',
        b'{"query": "{ __typename }", "variables": {"a": 01}}',
        b'{"query": "{ __typename }", "variables": {},}',
        b"{'query': '{ __typename }'}",
        b'{"query": "{ __typename }" /* comment */}',
        b'{"query": "{ __typename }", "query": "{ __schema { types { name } } }"}',
        b'{"query": "{ __typename }", "qu\\u0065ry": "{ a: __typename }"}',
        b'{"query": "{ __typename }", "variables": {"a": {"b": 1, "b": 2}}}',
        deep(33),
        deep(2_000),
        b"[" * 50_000,
        b'{"a":' * 15_000,
    ],
)
async def test_json_that_readers_might_read_differently_is_refused(body: bytes) -> None:
    """Bytes that are no UTF-8, lone surrogates, numbers out of range, recurring names and deep nesting are 400."""
    served = edge()
    response = await served.post(body)
    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]
    assert served.recorder.last.receipt == response.json()["extensions"]["access"]["receipt"]


@pytest.mark.parametrize(
    "body",
    [
        b' \n\t{"query": "{ __typename }"} \r\n',
        b'{"query": "# \xf0\x9f\x91\xaa\\n{ __typename }"}',
        b'{"query": "# \\ud83d\\udc6a\\n{ __typename }"}',
        b'{"query": "{ __typename }", "variables": {"a": 9007199254740991, "b": -9007199254740991, "": null}}',
        deep(31),
    ],
)
async def test_json_that_everybody_reads_alike_is_read(body: bytes) -> None:
    """Whatever every JSON reader understands in one way is understood here too."""
    assert (await edge().post(body)).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {"query": "query($id: ID!) { child(id: $id) { id } }", "variables": {"id": {"a": 1}}},
        {"query": "query($id: ID!) { child(id: $id) { id } }", "variables": {"id": ["a", ["b"]]}},
        {"query": "query($id: ID!) { child(id: $id) { id } }", "variables": {"id": True}},
        {"query": "query($id: ID!) { child(id: $id) { id } }", "variables": {"id": 1.5}},
        {"query": "query($by: ChildSearch!) { findChildren(by: $by) { tooMany } }", "variables": {"by": []}},
        {"query": "query($by: ChildSearch!) { findChildren(by: $by) { tooMany } }", "variables": {"by": {}}},
        {"query": "query($by: ChildSearch!) { findChildren(by: $by) { tooMany } }", "variables": {"by": {"x": 1}}},
        {"query": '{ a: __typename @skip(if: "yes") }'},
        {"query": "{ __typename @skip }"},
        {"query": "{ __typename " + "@include(if: true) " * 5_000 + "}"},
        {"query": "{ " * 500 + "__typename" + " }" * 500},
        {"query": "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"},
        {"query": "fragment a on Query { __typename }"},
        {"query": '{ child(id: "\\uD800") { id } }'},
        {"query": '{ child(id: "\\u{110000}") { id } }'},
        {"query": "{ child(id: 1" + "0" * 400 + ".5) { id } }"},
        {"query": "{ \x00__typename }"},
        {"query": "type Query { a: Int }"},
        {"query": "{ __typename }", "operationName": "\x00"},
    ],
)
async def test_hostile_documents_are_refused(asked: dict[str, Any]) -> None:
    """A document or variable that is made to confuse is a mistake of the client's, and its answer has no data."""
    response = await edge().post(asked)
    assert response.status_code == 400
    assert "data" not in response.json()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%FF",
        "query=%ED%A0%80",
        "query=%7B__typename%7D&query=%7B__typename%7D",
        "query=%7B__typename%7D&variables=%5B%5D",
        "query=%7B__typename%7D&variables=",
        "query=%7B__typename%7D&variables=%7B%22a%22%3A1%2C%22a%22%3A2%7D",
        "query=%7B__typename%7D&extensions=1",
        "query=%7B__typename%7D&" + "&".join(f"p{number}=1" for number in range(17)),
        "query[]=%7B__typename%7D",
        "mutation=" + quote("{ __typename }"),
    ],
)
async def test_hostile_urls_are_refused(query: str) -> None:
    """A query string that is not UTF-8, says something twice or holds broken JSON is answered with 400."""
    assert (await edge().get(query)).status_code == 400


async def test_a_url_with_other_bytes_is_refused() -> None:
    """A query string with bytes that no URL has is answered with 400."""
    assert await _raw_get(b"query=\xff\xfe") == 400


@pytest.mark.parametrize("body", [b" " * 100_001, b'{"query": "' + b"#" * 100_000 + b'"}'], ids=["spaces", "comment"])
async def test_a_long_request_is_cut_off(body: bytes) -> None:
    """A body above the limit is answered with 413, whether its length is announced or not."""

    async def chunks() -> Any:
        for start in range(0, len(body), 1_000):
            yield body[start : start + 1_000]

    served = edge(max_body=100_000)
    sent = {"content-type": LEGACY, **signed()}
    for content in (body, chunks()):
        response = await served.client.post("/graphql", content=content, headers=sent)
        assert response.status_code == 413
        assert response.headers["connection"] == "close"
        assert codes(response) == ["REQUEST_TOO_LARGE"]


@pytest.mark.parametrize("length", ["9" * 5_000, "100001"])
async def test_an_announced_length_is_believed(length: str) -> None:
    """A body that is announced as too long is not read at all."""
    assert (await edge().post(ASKED, content_length=length)).status_code == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "²"])
async def test_a_nonsensical_length_changes_nothing(length: str) -> None:
    """An announced length that is no number is not relied on."""
    sent = {"content-type": LEGACY, **signed(), "content-length": length}
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    response = await edge().client.post("/graphql", content=ASKED, headers=headers)
    assert response.status_code == 200


async def test_a_long_url_is_cut_off() -> None:
    """A query string above the limit is answered with 413."""
    assert (await edge(max_body=1_000).get("query=" + "a" * 1_000)).status_code == 413


async def _raw_get(query_string: bytes) -> int:
    """The status of a GET whose query string no client library would send."""
    status: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    headers = [(name.encode(), value.encode()) for name, value in signed().items()]
    scope = {"type": "http", "method": "GET", "query_string": query_string, "headers": headers}
    await edge().client._transport.app(scope, receive, send)  # type: ignore[attr-defined]
    return status[0]
