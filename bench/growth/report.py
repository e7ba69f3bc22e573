"""The growth as tables and as a page: ratios to the smallest population first, since they carry over."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import Console

from bench.growth.model import Growth, Size
from bench.tables import Shown, framed, section

_GB = 1e9


def tables(growth: Growth) -> Iterator[Shown]:
    """The tables, in the order in which they are worth reading."""
    first = growth.sizes[0]
    names = list(first.figures)
    many = f"answers/s, {growth.clients} clients"
    yield _table(
        growth,
        f"Ratios to {first.children:,} children",
        {
            **{f"p50, 1 client: {name}": _ratio(first, _p50(name)) for name in names},
            **{f"{many}: {name}": _ratio(first, _rate(name)) for name in names},
            "database hits of the child statement": _ratio(first, lambda size: size.hits),
        },
    )
    yield _table(
        growth,
        "Figures",
        {
            **{f"p50 ms, 1 client: {name}": _number(".2f", _p50(name)) for name in names},
            **{f"p99 ms, 1 client: {name}": _number(".1f", _p99(name)) for name in names},
            **{f"{many}: {name}": _number(",.0f", _rate(name)) for name in names},
            "database hits of the child statement": _number(",", lambda size: size.hits),
        },
    )
    yield _table(
        growth,
        "Loading",
        {
            "records": _number(",", lambda size: size.nodes),
            "relationships": _number(",", lambda size: size.links),
            "files written, s": _number(",.0f", lambda size: size.writing),
            "files, GB": _number(",.2f", lambda size: size.files / _GB),
            "imported, s": _number(",.0f", lambda size: size.importing),
            "empty lists added, s": _number(",.0f", lambda size: size.completing),
            "constraints and indexes made, s": _number(",.0f", lambda size: size.indexing),
            "graph with its indexes, GB": _number(",.2f", lambda size: size.store / _GB),
            "others on the machine, cores": _number(".2f", lambda size: size.others),
        },
    )


def show(growth: Growth, screen: Console) -> None:
    """Print the tables."""
    for each in tables(growth):
        screen.print(framed(each))


def page(growth: Growth) -> str:
    """The tables and the plot as a page of the documentation."""
    lines = [
        "# How times grow with the population",
        "",
        ", ".join(f"{name} {value}" for name, value in growth.machine.items()) + ".",
        "One worker, everything on. What was measured, and how: [the bench](../bench.md#growth).",
        "",
        "![Median time by the number of children](growth.svg)",
    ]
    for each in tables(growth):
        lines += section(each)
    return "\n".join([*lines, ""])


_Measure = Callable[[Size], float]


def _table(growth: Growth, title: str, rows: dict[str, Callable[[Size], str]]) -> Shown:
    columns: Sequence[str] = ("", *(f"{size.children:,} children" for size in growth.sizes))
    return Shown(title, columns, [(name, *map(told, growth.sizes)) for name, told in rows.items()])


def _ratio(first: Size, of: _Measure) -> Callable[[Size], str]:
    return lambda size: f"{of(size) / of(first):.2f}"


def _number(form: str, of: _Measure) -> Callable[[Size], str]:
    return lambda size: format(of(size), form)


def _p50(name: str) -> _Measure:
    return lambda size: size.figures[name].p50


def _p99(name: str) -> _Measure:
    return lambda size: size.figures[name].p99


def _rate(name: str) -> _Measure:
    return lambda size: size.figures[name].per_second
