"""The plot: answers in a second at the most clients, as bars."""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _BAR, _GAP = 760, 250, 20, 26
_FONT = 'font-family="sans-serif" font-size="13"'
_OURS, _THEIRS = "#1b6f5c", "#9aa5b1"


def plot(report: Mapping[str, Any], ours: Sequence[str]) -> str:
    """An SVG picture of a report as `report.as_json` gives it.

    Args:
        report: the report.
        ours: the targets that are drawn in the colour of ours.
    """
    clients = max(each["clients"] for each in report["figures"])
    cells = [each for each in report["figures"] if each["clients"] == clients]
    longest = max(each["perSecond"]["most"] for each in cells)
    scale = (_WIDTH - _LEFT - 160) / longest
    lines, y = [], 56
    for workers in dict.fromkeys(each["workers"] for each in cells):
        lines.append(_text(16, y, f"{workers} worker{'s' if workers > 1 else ''} each", weight="bold"))
        y += 14
        for each in sorted(
            (one for one in cells if one["workers"] == workers), key=lambda one: -one["perSecond"]["median"]
        ):
            colour = _OURS if each["target"] in ours else _THEIRS
            lines += _bar(y, each, scale, colour)
            y += _GAP
        y += 24
    title = f"Answers in a second, {clients} clients: who else is working with this child, about 75 values"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" {_FONT}>',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{y}" fill="white"/>',
            _text(16, 28, title, weight="bold"),
            *lines,
            "</svg>\n",
        ]
    )


def _bar(y: int, each: Mapping[str, Any], scale: float, colour: str) -> list[str]:
    rate, half = each["perSecond"], each["p50ms"]["median"]
    end = _LEFT + rate["median"] * scale
    middle = y + _BAR / 2
    return [
        _text(_LEFT - 8, y + 15, each["target"], anchor="end"),
        f'<rect x="{_LEFT}" y="{y}" width="{end - _LEFT:.1f}" height="{_BAR}" fill="{colour}"/>',
        f'<path d="M{_LEFT + rate["least"] * scale:.1f} {middle}H{_LEFT + rate["most"] * scale:.1f}" stroke="#222"/>',
        _text(round(_LEFT + rate["most"] * scale) + 8, y + 15, f"{rate['median']:,.0f}/s, p50 {half:.1f} ms"),
    ]


def _text(x: int, y: int, words: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>'
