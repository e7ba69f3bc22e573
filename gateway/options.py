"""Options that several commands have: the same name means the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.folder import VARIABLE

DataOption = Annotated[
    Path | None, typer.Option("--data", help=f"The data folder; else {VARIABLE}, else the demonstration's.")
]
SettingsOption = Annotated[bool, typer.Option("--settings", help="What the settings name, in place of a data folder.")]
OperatorOption = Annotated[str, typer.Option("--as", help="The operator: a persona or an account's id.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
