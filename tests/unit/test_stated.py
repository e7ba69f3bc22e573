"""What a request states about itself in its headers, and what it may not."""

from urllib.parse import quote

import pytest

from resolvers.model import Access
from tests.edge import LEGACY, codes, edge, signed

ASKED = {"query": "{ __typename }"}


def reasoned(reason: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of somebody who is signed in and gives a reason, which need not be text."""
    headers = {"content-type": LEGACY, **signed()}
    return [*((name.encode(), value.encode()) for name, value in headers.items()), (b"x-access-reason", reason)]


async def test_what_is_stated_is_recorded() -> None:
    """Purpose, reason, client and trace reach the record as they were sent."""
    served = edge()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await served.post(ASKED, x_access_purpose="safeguarding", x_access_reason="Call at 9", traceparent=trace)
    assert served.recorder.last.access == Access("safeguarding", "Call at 9", "portal", trace, mediated=False)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Besprechung über Zoë".encode(), "Besprechung über Zoë"),
        (quote("Besprechung über Zoë").encode(), "Besprechung über Zoë"),
        (b"100% sure, 5%x", "100% sure, 5%x"),
        (b"a+b", "a+b"),
        (quote("جلسه‌ی کودک").encode(), "جلسه‌ی کودک"),
        (b"x" * 500, "x" * 500),
        (quote("é" * 500).encode(), "é" * 500),
        (b"", ""),
    ],
)
async def test_a_reason_is_text_in_any_language(sent: bytes, expected: str) -> None:
    """A reason may be UTF-8 or percent-encoded UTF-8, up to 500 characters."""
    served = edge()
    response = await served.client.post("/graphql", json=ASKED, headers=reasoned(sent))
    assert response.status_code == 200
    assert served.recorder.last.access.reason == expected


@pytest.mark.parametrize(
    "sent",
    [
        b"x" * 501,
        b"\xff",
        b"%FF",
        b"%ED%A0%80",
        b"a%00b",
        b"a%0D%0Ab",
        b"%E2%80%A8",
        b"%E2%80%AEtxt",
        b"%E2%80%8Btxt",
        b"%E2%81%A0",
        b"%EF%BB%BF",
        b"%E2%80%8E",
        b"a%F3%A0%81%81",
        b"%C2%85",
        b"\x7f",
    ],
)
async def test_a_reason_is_read_by_people(sent: bytes) -> None:
    """A reason that is too long, is no text or hides part of itself is refused, and is not recorded."""
    served = edge()
    response = await served.client.post("/graphql", json=ASKED, headers=reasoned(sent))
    assert response.status_code == 400
    assert codes(response) == ["BAD_REQUEST"]
    assert served.recorder.last.access.reason is None


@pytest.mark.parametrize("reason", ["", " ", "\u200c.", "…"])
def test_a_reason_says_something(reason: str) -> None:
    """A reason without a letter or a digit is none."""
    assert not Access("safeguarding", reason).reason_given
    assert Access("safeguarding", f"{reason}童").reason_given


@pytest.mark.parametrize("name", ["x-access-purpose", "x-access-reason"])
async def test_nothing_is_stated_twice(name: str) -> None:
    """A purpose or a reason that is stated twice is refused, since nobody could tell which one counts."""
    headers = [("content-type", LEGACY), *signed().items(), (name, "a"), (name, "a")]
    assert (await edge().client.post("/graphql", json=ASKED, headers=headers)).status_code == 400


async def test_a_long_purpose_is_refused() -> None:
    """A purpose is a short name."""
    assert (await edge().post(ASKED, x_access_purpose="a" * 65)).status_code == 400


@pytest.mark.parametrize(
    "sent",
    [
        ["nonsense"],
        ["00-" + "0" * 32 + "-b7ad6b7169203331-01"],
        ["ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"] * 2,
    ],
)
async def test_a_broken_trace_is_left_out(sent: list[str]) -> None:
    """A trace context that is not one, or is one of two, is ignored and does not fail the request."""
    served = edge()
    headers = [("content-type", LEGACY), *signed().items(), *(("traceparent", each) for each in sent)]
    response = await served.client.post("/graphql", json=ASKED, headers=headers)
    assert response.status_code == 200
    assert served.recorder.last.access.trace is None


async def test_mediation_is_not_only_claimed() -> None:
    """A request on behalf of somebody else is refused without their token, even if it does not say of whom."""
    for name in ("somebody", ""):
        served = edge()
        response = await served.post(ASKED, x_on_behalf_of=name)
        assert response.status_code == 403
        assert codes(response) == ["MEDIATION_INVALID"]
        assert (served.recorder.last.access.mediated, served.recorder.last.access.on_behalf_of) == (True, None)
