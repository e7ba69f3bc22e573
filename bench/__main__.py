"""make bench: this gateway beside what a team would take instead, in one run on one machine."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench import wrk
from bench.append import recorded
from bench.command import command, prepared, tell, write
from bench.figures import EMBEDDED, GATEWAY, cell, spread
from bench.machine import machine
from bench.model import Run
from bench.node import node
from bench.overload import vegeta
from bench.people import peopled
from bench.plot import plot
from bench.postgres import program
from bench.profile import profile, py_spy
from bench.report import Report, as_json
from bench.rounds import check, measured
from bench.situations import Situations
from bench.stage import stage
from bench.tables import page, show
from bench.targets import gateway, targets
from gateway.settings import ROOT

CLIENTS = (1, 8, 32)


def main(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few minutes, for trying: no figure of it means much.")
    ] = False,
    children: Annotated[int | None, typer.Option(min=2000, help="How many children the population has.")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="How often each is measured.")] = None,
    seconds: Annotated[float | None, typer.Option(min=1, help="How long each measurement takes.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where latest.json and latest.svg are written.")] = None,
    data: Annotated[Path, typer.Option(help="Where the engines keep their data.")] = ROOT / ".data" / "bench",
) -> None:
    """Measure, print the tables, and write them as JSON and as a plot."""
    prepared(wrk.program, partial(program, "postgres"), node, vegeta, py_spy)
    people = peopled(children or (5_000 if quick else 50_000))
    often, long, warm = (rounds or 1, seconds or 2, 5.0) if quick else (rounds or 3, seconds or 5, 15.0)
    runs: list[Run] = []
    data.mkdir(parents=True, exist_ok=True)
    with stage(data, people, tell) as on:
        for workers in dict.fromkeys((1, os.cpu_count() or 1)):
            with targets(on, workers) as each:
                check(each, on.answers)
                runs += measured(
                    each, workers=workers, clients=CLIENTS, rounds=often, seconds=long, warm=warm, progress=tell
                )
        with gateway(on, GATEWAY, on.real, data / "real", workers=1) as target:
            target.load(max(CLIENTS), warm)
            shares = profile(target, clients=max(CLIENTS), seconds=2 * long)
        cores = os.cpu_count() or 1
        rate = spread(run.throughput for run in cell(runs, GATEWAY, cores, max(CLIENTS))).median
        with gateway(on, GATEWAY, on.real, data / "real", workers=cores, metrics=True) as target:
            seen = Situations(on, target, cores, rate, often, long).all(tell)
        seen.append(recorded(on.real.engines.stream_url))
        report = Report(machine(on.tables.version, data), people.children, runs, seen, shares)
    show(report, Console() if sys.stdout.isatty() else Console(width=160))
    folder = out or (data / "quick" if quick else ROOT / "docs" / "bench")
    told = as_json(report)
    drawn = plot(told, (GATEWAY, EMBEDDED))
    write(folder, {"latest.json": json.dumps(told, indent=2) + "\n", "latest.md": page(report), "latest.svg": drawn})


if __name__ == "__main__":
    command(main)
