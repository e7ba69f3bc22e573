"""Media types: which response the client prefers, and whether its body can be read.

Source: GraphQL over HTTP, "Media Types" and "Accept"; RFC 9110, sections 8.3 and 12.5.1.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from resolvers.refusals import Refusal

MODERN = "application/graphql-response+json"
"""The response type whose status tells how the request fared."""
LEGACY = "application/json"
"""The response type that answers every well-formed request with 200."""

_LONGEST = 1_000
"""Characters of a header that is looked at: whoever has not signed in can send one too, and no client needs more."""
_QUOTED = r'"(?:[^"\\]|\\.?)*+(?:"|$)'  # one that is not closed ends with the header, and is never tried again
_MEMBER = re.compile(rf'(?:[^",]|{_QUOTED})+', re.DOTALL)
_PARAMETER = re.compile(rf'(?:[^";]|{_QUOTED})+', re.DOTALL)
_QUALITY = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    quality: float
    place: int

    def covers(self, media_type: str) -> bool:
        return self.type in {media_type, "application/*", "*/*"}

    @property
    def precision(self) -> int:
        return ("*/*", "application/*").index(self.type) if self.type.endswith("*") else 2


def preferred(accept: Sequence[str]) -> str | None:
    """The response type that the client wants most, or None where it wants neither.

    The quality decides; among equals, a type that is named beats a wildcard, and what is named first beats the rest.
    Without the header, and for wildcards alone, it is the modern type; of a header that is too long, neither.

    Args:
        accept: the values of the Accept headers.
    """
    joined = ",".join(accept)
    if not accept:
        return MODERN
    return _chosen(joined) if len(joined) <= _LONGEST else None


@lru_cache(maxsize=256)
def _chosen(accept: str) -> str | None:
    ranges = list(_ranges(accept))
    wanted = [(found, media) for media in (MODERN, LEGACY) if (found := _best(ranges, media)) and found.quality > 0]
    if not wanted:
        return None
    return max(wanted, key=lambda pair: (pair[0].quality, pair[0].precision, -pair[0].place))[1]


def check_body_type(content_type: Sequence[str], content_encoding: Sequence[str]) -> None:
    """Refuse a body that is not JSON in UTF-8, sent as it is.

    Raises:
        Refusal: the header says something else, says it twice, or is missing.
    """
    encoded = any(value.strip().lower() not in {"", "identity"} for value in content_encoding)
    if encoded or len(content_type) != 1 or len(content_type[0]) > _LONGEST:
        raise Refusal("MEDIA_TYPE")
    media_type, parameters = _split(content_type[0])
    if media_type != LEGACY or not _is_utf8(parameters):
        raise Refusal("MEDIA_TYPE")


def _best(ranges: list[_Range], media_type: str) -> _Range | None:
    """The most specific range that covers a type: only its quality counts."""
    covering = [r for r in ranges if r.covers(media_type)]
    return max(covering, key=lambda r: (r.precision, r.quality, -r.place), default=None)


def _ranges(accept: str) -> Iterator[_Range]:
    for place, member in enumerate(_MEMBER.findall(accept)):
        media_type, parameters = _split(member)
        quality = parameters.get("q", "1")
        if (
            _is_utf8(parameters)
            and _QUALITY.fullmatch(quality)
            and media_type in {MODERN, LEGACY, "application/*", "*/*"}
        ):
            yield _Range(media_type, float(quality), place)


def _split(value: str) -> tuple[str, dict[str, str]]:
    media_type, *rest = _PARAMETER.findall(value) or [""]
    pairs = (parameter.partition("=") for parameter in rest)
    return media_type.strip().lower(), {name.strip().lower(): text.strip().strip('"') for name, _, text in pairs}


def _is_utf8(parameters: dict[str, str]) -> bool:
    return parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"}
