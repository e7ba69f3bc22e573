"""The headers that say which media type is wanted, and which is sent."""

import pytest

from gateway.http.negotiate import LEGACY, MODERN, _ranges, check_body_type, preferred
from resolvers.refusals import Refusal


@pytest.mark.parametrize("end", ["", "\\", "x", ","])
@pytest.mark.parametrize("pair", ['\\"', "a", "\\\\", ',"'])
def test_a_text_that_is_not_closed_ends_with_the_header(pair: str, end: str) -> None:
    """What stands behind a quote that is never closed belongs to it: no length of it is read more than once."""
    found = list(_ranges(f'{LEGACY};q=0.5;x="{pair * 1001}{end}, {MODERN}'))
    assert [(each.type, each.quality) for each in found if each.type == LEGACY] == [(LEGACY, 0.5)]
    assert pair == ',"' or len(found) == 1


def test_a_text_in_quotes_may_hold_commas() -> None:
    """A comma or a semicolon within quotes, escaped quotes included, parts nothing."""
    assert preferred([f'text/html;x="a,{MODERN},\\",;", {LEGACY}']) == LEGACY


def test_a_header_that_is_too_long_is_not_looked_at() -> None:
    """Beyond a thousand characters no type is chosen, and a body is of no type that can be read."""
    long = f'{LEGACY}; x="{"a" * 1000}"'
    assert preferred([long]) is None
    with pytest.raises(Refusal, match="MEDIA_TYPE"):
        check_body_type([long], [])
    check_body_type([f'{LEGACY}; x="{"a" * 900}"'], [])
