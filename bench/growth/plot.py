"""The plot: each question's median time, in units of that of the smallest population, by the number of children."""

import math
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from bench.growth.model import Growth

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 860, 420, 60, 330, 56, 48
_FONT = 'font-family="sans-serif" font-size="13"'
_COLOURS = ("#1b6f5c", "#5fb49c", "#a23b3b", "#d98880", "#4a5a8a", "#9aa5b1")
_APART = 18
"""Points between two names at the right, at the least."""


def plot(growth: Growth) -> str:
    """An SVG picture."""
    first = growth.sizes[0]
    lines = {
        name: [size.figures[name].p50 / first.figures[name].p50 for size in growth.sizes] for name in first.figures
    }
    top = max(2.0, *(value for each in lines.values() for value in each))
    title = f"Median time with one client, in units of that at {first.children:,} children"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_FONT}>',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
            f'<text x="16" y="28" font-weight="bold">{escape(title)}</text>',
            *_axes(growth, top),
            *_curves(growth, lines, top),
            "</svg>\n",
        ]
    )


def _x(growth: Growth, children: int) -> float:
    least, most = (math.log10(size.children) for size in (growth.sizes[0], growth.sizes[-1]))
    share = (math.log10(children) - least) / (most - least) if most > least else 0.5
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, top: float) -> float:
    return _HEIGHT - _FOOT - value / top * (_HEIGHT - _FOOT - _TOP)


def _axes(growth: Growth, top: float) -> Iterator[str]:
    for value in range(0, math.floor(top) + 1, max(1, round(top / 6))):
        y = _y(value, top)
        yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
    for size in growth.sizes:
        x = _x(growth, size.children)
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 20}" text-anchor="middle">{size.children:,}</text>'


def _curves(growth: Growth, lines: dict[str, list[float]], top: float) -> Iterator[str]:
    free = float(_HEIGHT)
    for at, (name, values) in sorted(enumerate(lines.items()), key=lambda each: each[1][1][-1]):
        colour = _COLOURS[at % len(_COLOURS)]
        yield f'<path d="{_path(growth, values, top)}" fill="none" stroke="{colour}" stroke-width="2"/>'
        free = min(_y(values[-1], top), free - _APART)
        x = _WIDTH - _RIGHT + 10
        yield f'<text x="{x}" y="{free + 4:.1f}" fill="{colour}">{escape(name)} {values[-1]:.2f}</text>'


def _path(growth: Growth, values: Sequence[float], top: float) -> str:
    points = zip(growth.sizes, values, strict=True)
    return "M" + "L".join(f"{_x(growth, size.children):.1f} {_y(value, top):.1f}" for size, value in points)
