"""The access matrix as one self-contained page: no script, no network, and readable without its colours."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from gateway.workbench.cells import Layout
from gateway.workbench.grouping import Block

_STYLE = """
body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em;color:#111;background:#fff}
table{border-collapse:collapse;margin:.4em 0 2em}
th,td{border:1px solid #888;padding:.15em .5em;text-align:center;font-size:12px}
th{background:#eee;font-weight:600}th small{display:block;font-weight:400;color:#333}
td.v{text-align:left}td.open{background:#cfe8cf}td.find{background:#a5d3f0;font-weight:700}
td.gone{background:#fff;color:#555}
td.why{background:repeating-linear-gradient(45deg,#f6d9c4,#f6d9c4 5px,#fff 5px,#fff 8px)}
td.why span{background:#fff;padding:0 .2em}ul{margin:.2em 0}nav a{margin-right:1em}
@media print{th,td{print-color-adjust:exact}table{break-inside:avoid}}
""".replace("\n", "")
_KEY = (
    ("open", "●", "shown"),
    ("find", "◆", "shown and searchable"),
    ("why", "CODE", "withheld, and why"),
    ("gone", "·", "the record is like one that does not exist"),
)


def page(layout: Layout, found: Sequence[Block], marks: Mapping[str, str]) -> str:
    """The page.

    Args:
        layout: the types with their attributes and fields.
        found: the matrix.
        marks: how the states look that are not a reason's code.
    """
    return "\n".join(_lines(layout, found, marks)) + "\n"


def _lines(layout: Layout, found: Sequence[Block], marks: Mapping[str, str]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The access matrix</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
    yield "<h1>The access matrix</h1><p>Who sees what, asked of the policies themselves. Several values in a row: any"
    yield "of them. With several roles a person sees what each of them sees.</p><table><tr>"
    yield from (f'<td class="{name}"><span>{mark}</span></td><td class="v">{said}</td>' for name, mark, said in _KEY)
    yield "</tr></table><nav>"
    yield from (f'<a href="#{name}">{name}</a>' for name in layout.fields)
    yield "</nav>"
    headed = ""
    for block in found:
        if block.type != headed:
            headed = block.type
            yield f'<h2 id="{headed}">{headed}</h2>'
        yield from _block(layout, block, marks)
    yield "</body></html>"


def _block(layout: Layout, block: Block, marks: Mapping[str, str]) -> Iterator[str]:
    attributes, fields = layout.domains[block.type], layout.fields[block.type]
    said = (f"<li><b>{', '.join(who.roles)}</b> for {', '.join(who.purposes)}</li>" for who in block.who)
    yield f"<ul>{''.join(said)}</ul>"
    heads = (f"<th>{escape(field)}<small>{escape(kind)}</small></th>" for field, kind in fields.items())
    yield f"<table><tr>{''.join(f'<th>{name}</th>' for name in attributes)}{''.join(heads)}</tr>"
    styles = dict(zip(marks, ("open", "find", "gone"), strict=True))
    for row in block.rows:
        cells = [
            f'<td class="v">{"any" if given == attributes[name] else escape(", ".join(given))}</td>'
            for name, given in row.values.items()
        ]
        for field in fields:
            state = row.said[field]
            cells.append(f'<td class="{styles.get(state, "why")}"><span>{escape(marks.get(state, state))}</span></td>')
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</table>"
