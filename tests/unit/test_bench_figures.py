"""The bench's figures: medians, ratios and claims, and how they are shown."""

import json
from collections.abc import Sequence
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.console import Console

from bench.figures import CLAIMS, GATEWAY, cell, percentile, ratio, spread, throughput
from bench.model import Load, Part, Run, Situation
from bench.plot import plot
from bench.report import Report, as_json
from bench.tables import page, show, tables
from gateway.policy.files import read_policies
from gateway.settings import ROOT


def run(target: str, number: int, requests: int, clients: int = 32, workers: int = 1) -> Run:
    """A run of one second, of a target with one part that took half of it."""
    load = Load(requests, 1.0, 1000 / requests, 3000 / requests)
    return Run(target, workers, clients, number, load, (Part("part", 1, 0.5, 100.0, 90.0),), 0.1)


def report(rates: dict[str, Sequence[int]]) -> Report:
    """A report in which each target answers so many requests in each round, at one client and at 32."""
    runs = [
        run(target, number, requests, clients)
        for target, each in rates.items()
        for number, requests in enumerate(each)
        for clients in (1, 32)
    ]
    return Report({"day": "2026-11-24"}, 5000, runs, [Situation("a rush", {"p99 ms": 12.345})], {"graph driver": 0.4})


@given(some.lists(some.floats(0, 1000), min_size=1), some.sampled_from([50, 99, 100]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(values: list[float], share: int) -> None:
    """At least that share of the values are no larger than a percentile, and of any smaller value that is not so."""
    found = percentile(sorted(values), share)
    assert 100 * sum(each <= found for each in values) >= share * len(values)
    assert 100 * sum(each < found for each in values) < share * len(values)


def test_a_ratio_is_that_of_runs_side_by_side() -> None:
    """A ratio is worked out round by round, so that a machine that slows down for a round moves no ratio."""
    ours, theirs = (
        [run("a", at, rate) for at, rate in enumerate((400, 100, 800))],
        [run("b", at, rate) for at, rate in enumerate((200, 50, 400))],
    )
    assert ratio(throughput, ours, theirs) == spread([2.0, 2.0, 2.0])
    with pytest.raises(ValueError, match="zip"):
        ratio(throughput, ours, theirs[:2])


def test_rounds_are_found_in_order() -> None:
    """The rounds of a cell come in order, and those of other targets, workers and clients are not among them."""
    wanted = [run("a", at, 100) for at in range(3)]
    others = [run("b", 0, 1), run("a", 0, 1, clients=1), run("a", 0, 1, workers=2)]
    assert cell([wanted[2], *others, wanted[0], wanted[1]], "a", 1, 32) == wanted


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_a_claim_holds_just_within_its_bound(factor: float) -> None:
    """A claim of at least some ratio holds above it, one of at most some ratio below it."""
    assert [claim.holds(claim.bound * factor) for claim in CLAIMS] == [
        claim.at_least is (factor > 1) for claim in CLAIMS
    ]


def test_a_report_tells_ratios_first_and_figures_after() -> None:
    """The tables begin with the ratios and say which is short; the JSON holds the same, rounded."""
    told = report({GATEWAY: (1000, 900, 1100), **{claim.against: (300, 290, 310) for claim in CLAIMS}})
    screen = Console(width=200)
    with screen.capture() as said:
        show(told, screen)
    text = said.get()
    assert text.index("Ratios") < text.index("Figures") < text.index("Memory") < text.index("a rush")
    assert "graph driver" in text
    found = json.loads(json.dumps(as_json(told)))
    assert [each["met"] for each in found["ratios"]] == [True, True, True, True, True]
    assert found["ratios"][0]["median"] == round(1000 / 300, 3)
    assert (found["profile"], found["situations"]) == ({"graph driver": 0.4}, {"a rush": {"p99 ms": 12.35}})
    slower = report({GATEWAY: (100, 90, 110), **{claim.against: (300, 290, 310) for claim in CLAIMS}})
    assert not any(each["met"] for each in as_json(slower)["ratios"])
    assert found["figures"][0]["parts"]["part"] == {"processorMs": 0.5, "largestMiB": 100, "allMiB": 90}


def test_a_report_makes_a_page() -> None:
    """The page shows the plot and every table, each row with a cell for each column."""
    told = report({GATEWAY: (1000,), **{claim.against: (300,) for claim in CLAIMS}})
    text = page(told)
    assert "![Answers in a second](latest.svg)" in text
    assert text.count("\n## ") == len(list(tables(told))) == 5
    for each in tables(told):
        assert each.rows
        assert all(len(row) == len(each.columns) for row in each.rows)
        assert all(f"| {' | '.join(row)} |" in text for row in each.rows)


def test_the_plot_is_drawn_to_scale() -> None:
    """The plot is well-formed, its bars are as long as their figures, fastest first, and names cannot break it."""
    drawn = plot(as_json(report({"<slow> & more": (100,), GATEWAY: (400,)})), [GATEWAY])
    tree = ET.fromstring(drawn)  # noqa: S314 - our own
    bars = list(tree.iter("{http://www.w3.org/2000/svg}rect"))[1:]
    ours, theirs = (float(each.attrib["width"]) for each in bars)
    assert ours == pytest.approx(4 * theirs, rel=0.01)
    assert bars[0].attrib["fill"] != bars[1].attrib["fill"]


def test_no_allowance_is_touched() -> None:
    """The accounts and portals that the bench asks as are enough for 4,000 answers in a second, by the real policy."""
    from bench.people import ACCOUNTS  # noqa: PLC0415 - beside what it is held to
    from bench.targets import PORTALS  # noqa: PLC0415 - as above

    allowed = read_policies(ROOT / "policies").allowances
    for use in ("requests", "records"):
        item = allowed["account"][use]
        assert 60 * 4000 * item["minutes"] <= ACCOUNTS * item["most"]
    client = allowed["client"]["records"]
    assert 60 * 4000 * client["minutes"] <= PORTALS * client["most"]
