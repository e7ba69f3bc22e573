"""The bench's growth: what is written for the import tool, what it notices, and how it is shown."""

from xml.etree import ElementTree as ET

import pytest
from pydantic import TypeAdapter

from bench.growth.hits import Operator, same
from bench.growth.model import Figures, Growth, Size
from bench.growth.plot import plot
from bench.growth.report import page
from bench.growth.rows import ARRAY, Lines, cell, headers
from bench.model import BenchError
from seed.shape import LINKS, NODES, Batch, Value

PLAN = (Operator("ProduceResults", 0, "r"), Operator("NodeUniqueIndexSeek", 3, "UNIQUE me:Account(id)"))


def size(children: int, p50: float) -> Size:
    """A population of which one question was asked."""
    figures = {"who": Figures(p50, 2 * p50, 1000 / p50)}
    return Size(children, 9 * children, 15 * children, 1, 10_000, 2, 0.5, 1, 10**9, PLAN, figures, 0.1)


GROWTH = Growth({"day": "2026-11-24"}, 32, [size(10_000, 4), size(1_000_000, 6)])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("O'Brien", "O'Brien"),
        ("", '""'),
        ('12 "The Elms"', '"12 ""The Elms"""'),
        (None, ""),
        (True, "true"),
        (3, "3"),
        (["Flat 1", "2 High Street"], f"Flat 1{ARRAY}2 High Street"),
    ],
)
def test_values_are_written_as_the_import_tool_reads_them(value: Value, written: str) -> None:
    """An unknown value is nothing, an empty one is quoted, and quotes within a value are doubled."""
    assert cell(value) == written


def test_every_label_and_link_of_the_seed_has_a_file() -> None:
    """Whatever the seed's population is made of, the import tool is told of each property by its header."""
    found = headers()
    assert {*NODES, *(link.type for link in LINKS)} < set(found)
    for label, names in NODES.items():
        assert [column.partition(":")[0] for column in found[label].split()] == ["", *names]


def test_links_name_records_of_earlier_batches() -> None:
    """A link to a service that an earlier batch held is written with the number that the service got there."""
    lines, first, second = Lines(100), Batch(), Batch()
    first.node("Service", {"id": "s", "name": "Abbey Hill Surgery"})
    second.node("Child", {"id": "c"})
    second.involvement({"id": "i", "kind": "UNIVERSAL"}, "c", "s", None)
    assert lines.of(first)["Service"][0].startswith("100\ts\tAbbey Hill Surgery\t")
    found = lines.of(second)
    child, involvement = (found[label][0].partition("\t")[0] for label in ("Child", "Involvement"))
    assert len({child, involvement, "100"}) == 3
    assert found["OF"] == [f"{involvement}\t{child}\n"]
    assert found["AT"] == [f"{involvement}\t100\n"]


def test_equal_plans_pass_however_neo4j_names_what_they_work_on() -> None:
    """Two plans are the same if their operators and hits are, whatever Neo4j's numbered variables are called."""
    same("10", PLAN, "20", [Operator(each.name, each.hits, "autoint_7") for each in PLAN])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            (PLAN[0], Operator("NodeUniqueIndexSeek", 4, "x")),
            r"operator 2 .* NodeUniqueIndexSeek with 3 hits .* 4 hits",
        ),
        ((PLAN[0], Operator("NodeByLabelScan", 3, "x")), r"operator 2 .* NodeUniqueIndexSeek .* NodeByLabelScan"),
        (PLAN[:1], r"has 2 operators, with 20 children 1"),
    ],
)
def test_a_difference_is_named(other: tuple[Operator, ...], said: str) -> None:
    """Where a read costs more in one population than in another, the message names the operator."""
    with pytest.raises(BenchError, match=said):
        same("10 children", PLAN, "20 children", other)


def test_the_page_begins_with_ratios_to_the_smallest() -> None:
    """The first table holds the ratio of each figure to that of the smallest population, hits included."""
    first = page(GROWTH).split("## ")[1]
    assert first.startswith("Ratios to 10,000 children")
    assert "| p50, 1 client: who | 1.00 | 1.50 |" in first
    assert "| answers/s, 32 clients: who | 1.00 | 0.67 |" in first
    assert "| database hits of the child statement | 1.00 | 1.00 |" in first


def test_a_report_can_be_added_to() -> None:
    """What is written as JSON is read back as it was, so that a larger population can be measured on another day."""
    adapter = TypeAdapter(Growth)
    assert page(adapter.validate_json(adapter.dump_json(GROWTH))) == page(GROWTH)


@pytest.mark.parametrize("growth", [GROWTH, Growth({}, 32, GROWTH.sizes[:1])], ids=["two", "one"])
def test_the_plot_is_a_picture_of_every_size(growth: Growth) -> None:
    """The picture is well formed, and names each question and each number of children; one size alone is drawn too."""
    words = [each.text or "" for each in ET.fromstring(plot(growth)).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314
    assert [f"{each.children:,}" for each in growth.sizes] == [
        word for word in words if "000" in word and "at" not in word
    ]
    assert any(word.startswith("who") for word in words)
