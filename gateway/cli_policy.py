"""Commands of the policy authors' workbench: what the policies decide, and whether that is as it must be."""

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.options import JsonOption
from gateway.policy.files import PolicyFiles, read_policies
from gateway.policy.rego import RegoDecider
from gateway.settings import ROOT
from gateway.workbench import hunt, mediated, proof
from gateway.workbench import matrix as matrices
from gateway.workbench.cells import Cell, Layout, cells_of, layout_of
from gateway.workbench.mutants import mutants
from gateway.workbench.opa import pinned_opa
from gateway.workbench.space import capacities

app = typer.Typer(no_args_is_help=True, help="Who sees what: lay it out, prove it, change it safely.")
_screen = Console(stderr=True)
POLICIES = ROOT / "policies"
MATRIX = ROOT / "docs" / "policy"
"""Where the access matrix is committed."""

FolderOption = Annotated[Path, typer.Option("--policies", help="The policy folder.", show_default="policies/")]


@app.command()
def matrix(
    *,
    folder: FolderOption = POLICIES,
    out: Annotated[Path, typer.Option(help="Where the files are.", show_default="docs/policy/")] = MATRIX,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a cell differs.")] = False,
) -> None:
    """Write the access matrix: role by data class by record class by access state, asked of the policies."""
    policies = read_policies(folder)
    layout, cells = matrix_of(policies)
    if check:
        matrices.check(out, layout, cells)
        _screen.print(f"The access matrix says what the policies say: {len(cells)} cells.")
        return
    out.mkdir(parents=True, exist_ok=True)
    written = out / "matrix.csv"
    before = matrices.cells_in(written.read_text("utf-8")) if written.exists() else {}
    for name, text in matrices.files_of(layout, cells).items():
        (out / name).write_text(text, encoding="utf-8")
    changed = matrices.changes(before, cells)
    for line in matrices.summary(changed) if before else ():
        typer.echo(line)
    _screen.print(f"{len(cells)} cells in {out}, {len(changed)} of them changed.", soft_wrap=True)


@app.command()
def mutate(
    *,
    folder: FolderOption = POLICIES,
    sample: Annotated[int, typer.Option(min=0, help="How many mutants, drawn at random; 0 is all of them.")] = 0,
    seed: Annotated[int, typer.Option(help="Equal seeds draw equal mutants.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Make small mistakes in every rule and table: each must be noticed by a test or an invariant."""
    opa, prey = pinned_opa(_screen.print), [*mutants(folder)]
    if sample:
        prey = Random(seed).sample(prey, min(sample, len(prey)))  # noqa: S311 - no secrets
    with _bar() as progress:
        task = progress.add_task("Hunting mutants", total=len(prey))
        kills = hunt.hunt(opa, folder.resolve(), prey, lambda: progress.advance(task))
    if as_json:
        typer.echo(json.dumps([{"mutant": kill.mutant.id, "noticed by": kill.by} for kill in kills], indent=1))
    counts = Counter(kill.by or "nothing" for kill in kills)
    for by, count in sorted(counts.items()):
        _screen.print(f"noticed by {by}: {count}")
    _screen.print(f"score: {hunt.score(kills):.1f} % of those that compile")
    hunt.check(kills, folder)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_screen, transient=True)


def matrix_of(policies: PolicyFiles) -> tuple[Layout, dict[Cell, str]]:
    """The matrix of a policy, with a progress bar."""
    with _bar() as progress:
        task = progress.add_task("Asking the policies", total=len([*capacities(policies)]))
        cells = cells_of(policies, RegoDecider(policies).ask, lambda: progress.advance(task))
    return layout_of(policies), cells


@app.command()
def prove(*, folder: FolderOption = POLICIES, as_json: JsonOption = False) -> None:
    """Ask every invariant of the whole decision space; a broken one is shown with a smallest counterexample."""
    opa = pinned_opa(_screen.print)
    with _screen.status("Asking the invariants of every decision …"):
        findings = [*proof.prove(opa, folder.resolve()), mediated.prove(read_policies(folder))]
    if as_json:
        found = {each.invariant.name: {"broken": each.broken, "smallest": each.smallest} for each in findings}
        typer.echo(json.dumps(found, indent=2))
    else:
        for finding in findings:
            _screen.print(f"{finding.invariant.name}: {finding.invariant.title}", soft_wrap=True, markup=False)
    proof.check(findings)
    _screen.print(f"{len(findings)} invariants hold.")
