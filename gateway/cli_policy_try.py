"""Commands that try a candidate, and the options that such commands share."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli_policy import POLICIES, FolderOption
from gateway.cli_policy_release import app
from gateway.options import JsonOption
from gateway.policy.files import read_policies
from gateway.stack.tools import TOOLS
from gateway.workbench import release
from gateway.workbench.matrix import summary
from gateway.workbench.tidy import tidy as tidied

__all__ = ["app"]
_screen = Console(stderr=True)
CLIENT = "directory policy"
"""Which program the record names."""

CandidateOption = Annotated[Path, typer.Option("--candidate", help="The policy folder to try.")]
ByOption = Annotated[str, typer.Option("--by", help="You, who look: a persona or an account's id.")]
ReasonOption = Annotated[str, typer.Option(help="Why you look.")]
ArchiveOption = Annotated[
    Path | None, typer.Option("--archive", help="The audit archive to read too; else the data folder's.")
]


@app.command()
def diff(*, candidate: CandidateOption, folder: FolderOption = POLICIES, as_json: JsonOption = False) -> None:
    """Say which cells a candidate changes."""
    with _screen.status("Asking both policies …"):
        found = release.compare(read_policies(folder), read_policies(candidate))
    if as_json:
        cells = [{"cell": str(each.cell), "before": each.before, "after": each.after} for each in found.changed]
        typer.echo(json.dumps({"changed": cells, "opened": len(found.opened), "tables": found.tables}))
        return
    for line in summary(found.changed):
        typer.echo(line)
    _screen.print(f"{len(found.changed)} cells differ, {len(found.opened)} of them open more.", soft_wrap=True)


@app.command()
def tidy(
    *,
    folder: FolderOption = POLICIES,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if something is not formatted.")] = False,
) -> None:
    """Format the policies, compile them strictly and lint them; fetch the programs for that, which editors use too."""
    for path in tidied(folder.resolve(), _screen.print, write=not check):
        typer.echo(f"formatted {path}")
    _screen.print(f"The policies are tidy. Editors find opa and regal in {TOOLS / 'bin'}.", soft_wrap=True)
