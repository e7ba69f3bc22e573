"""What a request states about itself in its headers: purpose, reason, mediation and trace.

Header values are UTF-8, or percent-encoded UTF-8 for clients that can only send ASCII: "%20" and the like are decoded,
a percent sign before anything else stands for itself.
"""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers

from resolvers.model import Access
from resolvers.refusals import Refusal

HEADERS = frozenset({"authorization", "x-access-purpose", "x-access-reason", "x-on-behalf-of", "traceparent"})
"""The headers that say who asks, what for, and for whom: those that a router has to pass on."""
MAX_PURPOSE = 64
"""The longest purpose, in characters."""
MAX_REASON = 500
"""The longest reason, in characters."""

_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_ENCODED = 12
"""How many characters one may be at most, in percent-encoded UTF-8."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners, which have no width but change how letters are written, in Persian for example."""


def stated(headers: Headers) -> Access:
    """What the request states about itself; the client is not known yet.

    Raises:
        Refusal: a header comes twice, is too long, is not UTF-8, or holds characters that a reader of the audit trail
            would not see as they are: line breaks, and control and format characters, which have no width or turn the
            direction of writing.
    """
    return Access(
        purpose=_text(headers, "x-access-purpose", MAX_PURPOSE),
        reason=_text(headers, "x-access-reason", MAX_REASON),
        trace=_trace(headers),
        mediated="x-on-behalf-of" in headers,
    )


def _text(headers: Headers, name: str, longest: int) -> str | None:
    values = headers.getlist(name)
    if not values:
        return None
    if len(values[0]) > _ENCODED * longest:  # before it is decoded: whoever has not signed in can send one too
        raise Refusal("BAD_REQUEST")
    try:
        text = unquote_to_bytes(values[0].encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("BAD_REQUEST") from None
    if len(values) > 1 or len(text) > longest or not _is_seen(text):
        raise Refusal("BAD_REQUEST")
    return text


def _is_seen(text: str) -> bool:
    """Whether a reader sees every character of a text as it is."""
    return text.isprintable() if text.isascii() else not any(map(_is_unseen, text))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character not in _JOINERS


def _trace(headers: Headers) -> str | None:
    """The W3C trace context; a wrong one is left out, as its specification demands."""
    values = headers.getlist("traceparent")
    return values[0] if len(values) == 1 and _TRACE.fullmatch(values[0]) else None
