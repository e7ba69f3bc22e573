"""What the commands on the audit archive do; apart from them, as it needs DuckDB, which takes a while to load."""

import json
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from audit.archive.folder import Folder
from audit.archive.proof import prove
from audit.archive.service import Service
from audit.archive.source import Source
from audit.archive.tail import tail_faults
from audit.archive.verify import Verdict, Verification
from audit.chain import Receipt
from audit.note import Verifier
from gateway.archiver import archiver_of
from gateway.port import check_port
from gateway.settings import Settings

_screen = Console(stderr=True)
_result = Console()


def run_archiver(settings: Settings, *, once: bool, metrics: int | None) -> None:
    """Archive what is there, or until it is stopped."""
    service = Service(
        archiver_of(settings), says=lambda problem: _screen.print(problem.says, style="red", markup=False)
    )
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: service.stopping.set())
    if metrics is not None:
        check_port("127.0.0.1", metrics, "Give another with --metrics.")
        service.listen(metrics)
    if once:
        _screen.print(
            f"{service.once()} entries archived in {settings.audit_archive}.", highlight=False, soft_wrap=True
        )
    else:
        _screen.print(f"Archiving in {settings.audit_archive}. Ctrl-C stops it.", highlight=False, soft_wrap=True)
        service.run()


def run_verification(  # noqa: PLR0917 - what to verify, with what, and how to tell
    folder: Folder,
    signing: Verifier,
    log: Verifier,
    witnesses: Sequence[Verifier],
    stream: Settings | None,
    as_json: bool,
) -> bool:
    """Verify an archive, and what waits in the stream if settings name one; whether nothing is wrong."""
    # what waits in the stream is told from what is archived, so both must stand still
    with folder.alone() if stream else nullcontext(), _progress() as bar:
        task = bar.add_task("Verifying entries", total=None)
        verdict = Verification(folder, signing, log, witnesses).run(lambda done: bar.update(task, completed=done))
        waiting = _tail(folder, verdict, stream) if stream else None
    _tell(verdict, waiting, as_json=as_json)
    return not verdict.faults


def verify_receipt(folder: Folder, log: Verifier, receipt: Receipt, *, as_json: bool) -> None:
    """Verify that a receipt's entry is in the log.

    Raises:
        NotArchivedError: it is not.
    """
    index = prove(folder, log, receipt).index
    if as_json:
        typer.echo(json.dumps({"leaf": index, "genuine": True}))
    else:
        _say(f"The receipt is genuine, and its entry is leaf {index} of {log.name}.")


def proof_text(folder: Folder, log: Verifier, receipt: Receipt) -> str:
    """The proof that a receipt's entry is in the log."""
    return prove(folder, log, receipt).text


def _tail(folder: Folder, verdict: Verdict, settings: Settings) -> int | None:
    """How many entries wait in the stream; what is wrong with them is added to the verdict."""
    if verdict.chains is None or verdict.manifest is None:
        return None
    source = Source(settings.stream_url.get_secret_value())
    waiting, faults = tail_faults(folder, verdict.chains, verdict.manifest, source)
    source.close()
    verdict.faults += faults
    return waiting


def _tell(verdict: Verdict, waiting: int | None, *, as_json: bool) -> None:
    size = verdict.opened.checkpoint.size if verdict.opened else None
    if as_json:
        faults = [{"place": fault.place, "says": fault.says} for fault in verdict.faults]
        cosigned = {name: {"at": at, "size": of} for name, (at, of) in verdict.cosigned.items()}
        said = {"size": size, "entries": verdict.entries, "purged": verdict.purged, "waiting": waiting}
        typer.echo(json.dumps({**said, "cosigned": cosigned, "faults": faults}))
        return
    for fault in verdict.faults:
        _result.print(str(fault), style="red", markup=False, highlight=False, soft_wrap=True)
    purged = f", {verdict.purged} purged" if verdict.purged else ""
    _say(f"{size} leaves, {verdict.entries} entries verified{purged}.")
    for name, (at, of) in sorted(verdict.cosigned.items()):
        when = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
        _say(f"{name} has signed {of} of them, at {when}.")
    if not verdict.cosigned:
        _say("No witness has signed: the log alone vouches for it.")
    if waiting is not None:
        _say(f"{waiting} entries wait in the stream.")
    how = f"{len(verdict.faults)} faults: it is not what was archived." if verdict.faults else "Nothing is wrong."
    _result.print(how, style="red" if verdict.faults else "green", highlight=False)


def _say(sentence: str) -> None:
    _result.print(sentence, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_screen, transient=True) as bar:
        yield bar
