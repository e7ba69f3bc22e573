"""Makes an archive of 10 million field resolutions, asks it about one child, and prints how long that took."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from audit.questions import Archive, Question
from tests.volume.making import ASKED, FIELDS, LOG, make

_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
_SCREEN = Console(soft_wrap=True)
_AGAIN = 5


def main(
    *,
    resolutions: Annotated[int, typer.Option(min=1, help="How many field resolutions.")] = 10_000_000,
    days: Annotated[int, typer.Option(min=1, help="Over how many days.")] = 365,
    folder: Annotated[Path | None, typer.Option(help="Where to keep the archive; else it is deleted.")] = None,
) -> None:
    """Measure a question about one child."""
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary) / "archive"
        if not (place / "checkpoint").exists():
            begun = time.monotonic()
            with Progress(*_COLUMNS, console=_SCREEN, transient=not _SCREEN.is_terminal) as progress:
                task = progress.add_task("Accesses", total=resolutions // FIELDS + 1)
                count = make(place, resolutions, days, lambda done: progress.update(task, completed=done))
            _SCREEN.print(f"{count:,} accesses, {count * FIELDS:,} resolutions in {time.monotonic() - begun:,.0f} s")
        data = [path for kind in ("entries", "records") for path in (place / kind).rglob("*.parquet")]
        size = sum(path.stat().st_size for path in data) / 2**20
        _SCREEN.print(f"{len(data):,} files, {size:,.0f} MiB", highlight=False)
        for _ in range(_AGAIN):
            _SCREEN.print(_asked(place), highlight=False)
        words = [sys.executable, "-c", _FRESH, str(place)]
        begun = time.monotonic()
        subprocess.run(words, check=True)  # noqa: S603 - this module's own words
        _SCREEN.print(f"in a process of its own, from its start to its end: {time.monotonic() - begun:.2f} s")


def _asked(place: Path) -> str:
    begun, used = time.monotonic(), time.process_time()
    answer = Archive(place, LOG.verifier).accesses(Question(child=ASKED))
    took, worked = time.monotonic() - begun, time.process_time() - used
    records = sum(len(each.records) for each in answer.accesses)
    return f"one child: {len(answer.accesses)} accesses, {records} records in {took:.2f} s, {worked:.2f} s of them work"


_FRESH = f"""
import sys
from pathlib import Path
from audit.note import Verifier
from audit.questions import Archive, Question
Archive(Path(sys.argv[1]), Verifier.parse("{LOG.verifier.text}")).accesses(Question(child="{ASKED}"))
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(main)
app()
