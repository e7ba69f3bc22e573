"""What the bench's commands have in common: what they say, what they write, and how they end."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import typer
from rich.console import Console

from bench.model import BenchError
from gateway.engines.model import EngineError
from gateway.stack import missing_tools

SCREEN = Console(stderr=True)


def tell(line: str) -> None:
    """Say a line, as it is."""
    SCREEN.print(line, markup=False, highlight=False)


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files, by name, into a folder that is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    tell(f"Written to {folder}")


def prepared(*needed: Callable[[], object]) -> None:
    """Make sure of all that is needed before anything is measured.

    Args:
        needed: each raises a `BenchError` or an `EngineError` if it is not there.

    Raises:
        BenchError: something is missing; the message says what to do.
    """
    if missing := missing_tools():
        raise BenchError("\n".join(missing))
    for each in needed:
        each()


def command(main: Callable[..., None]) -> None:
    """Run a command; what hinders it is said in a sentence."""
    try:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command()(main)
        app()
    except (BenchError, EngineError) as error:
        SCREEN.print(str(error), style="red", markup=False, highlight=False)
        sys.exit(1)
