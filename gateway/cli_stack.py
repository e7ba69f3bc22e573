"""Commands on the native stack: real Neo4j, OPA and Redis without Docker."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from gateway.engines.folder import read_engines
from gateway.folder import STACK, VARIABLE, data_folder, environment_of
from gateway.policy.files import read_policies
from gateway.settings import ROOT
from gateway.stack.native import stack_down, stack_status, stack_up

app = typer.Typer(no_args_is_help=True, help="The real Neo4j, OPA and Redis, started natively.")
_screen = Console(stderr=True)
DataOption = Annotated[Path | None, typer.Option("--data", help=f"The data folder; else {VARIABLE}, else the stack's.")]


@app.command()
def up(*, data: DataOption = None) -> None:
    """Start Neo4j, OPA and Redis, or find them running."""
    policies = ROOT / "policies"
    revision = read_policies(policies).revision
    stack_up(data_folder(data, STACK), _screen.print, policies=policies, revision=revision)
    for line in (
        'Now: eval "$(.venv/bin/directory stack env)" && .venv/bin/directory seed --settings',
        "Then: .venv/bin/directory serve",
    ):
        _screen.print(line, highlight=False, soft_wrap=True)


@app.command()
def status(*, data: DataOption = None) -> None:
    """Say what runs, where, and where its log is."""
    table = Table("engine", "process", Column("address", overflow="fold"), Column("log", overflow="fold"))
    for each in stack_status(data_folder(data, STACK)):
        table.add_row(each.name, str(each.pid or "stopped"), each.address, str(each.log))
    Console().print(table)


@app.command()
def down(*, data: DataOption = None) -> None:
    """Stop Neo4j, OPA and Redis; their data stays."""
    stack_down(data_folder(data, STACK))


@app.command()
def env(*, data: DataOption = None) -> None:
    """Print the settings that run a gateway on this stack, for a shell's eval. They hold passwords."""
    folder = data_folder(data, STACK)
    for name, value in {VARIABLE: str(folder), **environment_of(folder, read_engines(folder))}.items():
        typer.echo(f"export {name}='{value}'")
