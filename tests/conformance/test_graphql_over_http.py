"""GraphQL over HTTP, statement by statement: what the specification demands of a server, and what it recommends."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.edge import LEGACY, MODERN, codes, edge, signed

ASKED = {"query": "{ __typename }"}
ANSWER = {"__typename": "Query"}
TYPE_QUERY = "query Type($name: String!) { __type(name: $name) { name } }"
TYPE = {"query": TYPE_QUERY, "variables": {"name": "Child"}}
BOTH = pytest.mark.parametrize("accept", [MODERN, LEGACY])
NOT_STRINGS: list[Any] = [{"obj": "ect"}, 0, False, ["array"]]
NOT_MAPS: list[Any] = ["string", 0, False, ["array"]]


@BOTH
async def test_the_response_has_the_accepted_type(accept: str) -> None:
    """Each official media type is served where it is accepted, in UTF-8, and says so."""
    response = await edge().post(ASKED, accept=accept)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.content.decode("utf-8")
    assert response.json()["data"] == ANSWER


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, MODERN),
        ("", None),
        ("*/*", MODERN),
        ("application/*", MODERN),
        (f"{MODERN}; charset=utf-8, {LEGACY}; charset=utf-8", MODERN),
        (f"{LEGACY}, {MODERN}", LEGACY),
        (f"{LEGACY};q=0.9, {MODERN}", MODERN),
        (f"{LEGACY};q=0.9, {MODERN};q=0.8", LEGACY),
        (f"{LEGACY}, text/plain, */*", LEGACY),
        (f"{LEGACY};q=0.5, */*;q=0.1", LEGACY),
        (f"{LEGACY};q=0.1, */*", MODERN),
        (f"{MODERN};q=0, */*", LEGACY),
        (f"{MODERN};q=0, {LEGACY};q=0.0, */*", None),
        ("APPLICATION/JSON", LEGACY),
        (f'{LEGACY}; charset="UTF-8"', LEGACY),
        (f"{LEGACY}; charset=iso-8859-1", None),
        (f"{LEGACY}; charset=iso-8859-1, {MODERN};q=0.1", MODERN),
        ("text/html", None),
        ("text/*;q=1", None),
        (f"{LEGACY};q=2", None),
        (f"{LEGACY};q=x, {MODERN};q=0.001", MODERN),
        (f'text/plain; p="a, {LEGACY}", {MODERN}', MODERN),
        (f"multipart/mixed;deferSpec=20220824,{LEGACY}", LEGACY),
        (',,;;=="', None),
    ],
)
async def test_the_most_wanted_type_is_chosen(accept: str | None, expected: str | None) -> None:
    """The accepted type of the highest quality is served, and 406 where there is none."""
    response = await edge().post(ASKED, accept=accept)
    if expected is None:
        assert response.status_code == 406
        assert codes(response) == ["NOT_ACCEPTABLE"]
    else:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(expected + ";")


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"'])
async def test_bodies_in_utf8_are_read(charset: str) -> None:
    """A JSON body is UTF-8, whether its type says so or not."""
    response = await edge().post(
        '{"query": "{ é: __typename }"}'.replace("é", "e").encode(), content_type=LEGACY + charset
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/graphql"},
        {"content-type": f"{LEGACY}; charset=utf-16"},
        {"content-type": f"{LEGACY}; charset=iso-8859-1"},
        {"content-type": ""},
        {"content-type": LEGACY, "content-encoding": "gzip"},
        {},
    ],
)
async def test_other_bodies_are_not_read(headers: dict[str, str]) -> None:
    """A body of another type, encoding or compression, or of none that is named, is answered with 415."""
    response = await edge().client.post("/graphql", content=b'{"query":"{__typename}"}', headers=signed() | headers)
    assert response.status_code == 415
    assert codes(response) == ["MEDIA_TYPE"]


@BOTH
async def test_get_asks_in_the_url(accept: str) -> None:
    """A query may come by GET, with its variables as JSON in the URL."""
    response = await edge().get(ASKED, accept=accept)
    assert response.json()["data"] == ANSWER
    asked = f"query={quote(TYPE_QUERY)}&variables=%7B%22name%22%3A+%22Child%22%7D&extensions={{}}&operationName="
    response = await edge().get(asked, accept=accept)
    assert response.status_code == 200
    assert response.json()["data"] == {"__type": {"name": "Child"}}


async def test_an_operation_may_be_called_null() -> None:
    """By GET, operationName=null is an operation of that name."""
    response = await edge().get("query=query%20null%7B__typename%7D&operationName=null")
    assert response.json()["data"] == ANSWER


@BOTH
async def test_get_runs_no_mutation(accept: str) -> None:
    """A mutation or a subscription by GET is answered with 405."""
    for kind in ("mutation", "subscription"):
        response = await edge().get({"query": kind + " { __typename }"}, accept=accept)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert "data" not in response.json()


async def test_a_query_by_get_may_speak_of_mutations() -> None:
    """A query by GET in which the word happens to occur is answered, and a broken one is told that it is broken."""
    assert (await edge().get({"query": "query mutation { __typename }"})).json()["data"] == ANSWER
    assert codes(await edge().get({"query": "mutation {"})) == ["PARSE_FAILED"]
    assert set(codes(await edge().get({"query": "mutation A { a } mutation B { b }"}))) == {"VALIDATION_FAILED"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "QUERY"])
async def test_other_methods_are_named_as_wrong(method: str) -> None:
    """Any method but GET and POST is answered with 405 and a list of those."""
    response = await edge().client.request(method, "/graphql", headers=signed())
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NONSENSE",
        b'{"query":',
        b"{}",
        b"[]",
        b"null",
        b'"{ __typename }"',
        b'{"qeury": "{ __typename }"}',
        b'[{"query": "{ __typename }"}]',
        b'{"query": null}',
    ],
)
async def test_what_is_no_request_is_a_bad_request(accept: str, body: bytes) -> None:
    """What is not a well-formed request, or is a batch of them, is answered with 400 and without data."""
    response = await edge().post(body, accept=accept)
    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]
    assert "data" not in response.json()


@BOTH
@pytest.mark.parametrize(
    "wrong",
    [
        *({"query": value} for value in NOT_STRINGS),
        *({"operationName": value} for value in NOT_STRINGS),
        *({"variables": value} for value in NOT_MAPS),
        *({"extensions": value} for value in NOT_MAPS),
    ],
)
async def test_parameters_have_their_types(accept: str, wrong: dict[str, Any]) -> None:
    """A parameter of the wrong type is answered with 400."""
    response = await edge().post(ASKED | wrong, accept=accept)
    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]


@BOTH
@pytest.mark.parametrize(
    "more",
    [
        {"variables": None, "operationName": None, "extensions": None},
        {"variables": {}, "extensions": {}},
        {"extensions": {"some": "value"}},
        {"unknown": "value"},
    ],
)
async def test_optional_parameters_are_optional(accept: str, more: dict[str, Any]) -> None:
    """A parameter that is null is like one that is missing, and what is not known is not minded."""
    response = await edge().post(ASKED | more, accept=accept)
    assert response.status_code == 200
    assert "errors" not in response.json()


@BOTH
async def test_operations_are_chosen_and_variables_used(accept: str) -> None:
    """The named operation runs, with the given variables."""
    both = {"query": "query A { __typename } query B { b: __typename }", "operationName": "B"}
    assert (await edge().post(both, accept=accept)).json()["data"] == {"b": "Query"}
    assert (await edge().post(TYPE, accept=accept)).json()["data"] == {"__type": {"name": "Child"}}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"query": "{"}, "PARSE_FAILED"),
        ({"query": ""}, "PARSE_FAILED"),
        ({"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}, "PARSE_FAILED"),
        ({"query": "{ noSuchField }"}, "VALIDATION_FAILED"),
        ({"query": "query A { __typename } query B { __typename }"}, "OPERATION_NAME"),
        ({"query": "query A { __typename }", "operationName": "C"}, "OPERATION_NAME"),
        ({"query": TYPE["query"]}, "VARIABLES_INVALID"),
        ({"query": TYPE["query"], "variables": {"name": 7}}, "VARIABLES_INVALID"),
        ({"query": "mutation { __typename }"}, "OPERATION_KIND"),
    ],
)
async def test_request_errors_depend_on_the_type(asked: dict[str, Any], code: str) -> None:
    """A mistake inside a well-formed request is 400 in the modern type and 200 in the old one, never with data."""
    for accept, status in ((MODERN, 400), (LEGACY, 200)):
        response = await edge().post(asked, accept=accept)
        assert response.status_code == status
        assert set(codes(response)) == {code}
        assert "data" not in response.json()


async def test_errors_point_into_the_document() -> None:
    """An error in a document says where it is, and does not suggest names."""
    response = await edge().post({"query": "{\n  chidl(id: 1) { id }\n}"})
    (error,) = response.json()["errors"]
    assert error["locations"] == [{"line": 2, "column": 3}]
    assert "chidl" in error["message"]
    assert "Did you mean" not in error["message"]


@BOTH
async def test_who_is_not_known_is_told_how_to_sign_in(accept: str) -> None:
    """Without a sound token the answer is 401, whatever the type, and says which kind of token is wanted."""
    sent = {"accept": accept, "content-type": LEGACY}
    for given, challenge in (({}, "Bearer"), ({"authorization": "Bearer x"}, 'Bearer error="invalid_token"')):
        response = await edge().client.post("/graphql", json=ASKED, headers=sent | given)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == challenge
        assert codes(response) == ["UNAUTHENTICATED"]
