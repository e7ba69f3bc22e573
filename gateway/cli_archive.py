"""Commands on the audit archive that show nothing of what it says: filling it, verifying it, proving a receipt."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from audit.archive.folder import Folder
from audit.chain import Receipt, read_receipt
from audit.keys import verifier
from audit.note import NoteError, Verifier
from gateway.folder import DEMO, chosen_settings, data_folder
from gateway.options import DataOption, JsonOption, SettingsOption

ArchiveOption = Annotated[Path | None, typer.Option("--archive", help="The archive's folder; else the data folder's.")]
KeysOption = Annotated[
    Path | None, typer.Option("--keys", help="Folder with signing.pub and log.pub; else the data folder's.")
]


def archive(
    *,
    once: Annotated[bool, typer.Option("--once", help="Archive what is there, and end.")] = False,
    metrics: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of this machine for Prometheus.")] = None,
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Move entries from the stream into the archive, until Ctrl-C."""
    from gateway.archiving import run_archiver  # noqa: PLC0415 - DuckDB is not needed by the other commands

    chosen = chosen_settings(data, settings=settings)
    run_archiver(chosen, once=once, metrics=metrics)


def verify(
    *,
    receipt: Annotated[str | None, typer.Argument(help="A receipt; without one, the whole archive.")] = None,
    witnesses: Annotated[
        list[str] | None, typer.Option("--witness", help="Public key of a witness that must have signed.")
    ] = None,
    tail: Annotated[
        bool, typer.Option("--tail", help="Verify too what is in the stream and not archived yet.")
    ] = False,
    archive: ArchiveOption = None,
    keys: KeysOption = None,
    as_json: JsonOption = False,
    data: DataOption = None,
    settings: Annotated[
        bool, typer.Option("--settings", help="With --tail: the stream that the settings name; name its archive too.")
    ] = False,
) -> None:
    """Verify the archive, or one receipt, from its checkpoint and public keys alone; exit with 1 if it is not sound."""
    from gateway.archiving import run_verification, verify_receipt  # noqa: PLC0415 - as above

    if receipt is not None and (witnesses or tail):
        raise typer.BadParameter("--witness and --tail are for the whole archive. Leave out the receipt, or these.")
    if settings and not (tail and archive and keys):
        raise typer.BadParameter("--settings names the stream of --tail alone. Give --tail, --archive and --keys too.")
    folder, signing, log = _offline(archive, keys, data)
    if receipt is not None:
        verify_receipt(folder, log, _receipt(receipt, signing), as_json=as_json)
        return
    required = [_witness(each) for each in witnesses or ()]
    stream = chosen_settings(data, settings=settings) if tail else None
    sys.exit(0 if run_verification(folder, signing, log, required, stream, as_json) else 1)


def prove(
    receipt: Annotated[str, typer.Argument(help="The receipt, as the answer carried it.")],
    *,
    archive: ArchiveOption = None,
    keys: KeysOption = None,
    data: DataOption = None,
) -> None:
    """Print a proof that a receipt's entry is in the log, for anybody to check (C2SP tlog-proof)."""
    from gateway.archiving import proof_text  # noqa: PLC0415 - as above

    folder, signing, log = _offline(archive, keys, data)
    typer.echo(proof_text(folder, log, _receipt(receipt, signing)), nl=False)


def _offline(archive: Path | None, keys: Path | None, data: Path | None) -> tuple[Folder, Verifier, Verifier]:
    """The archive, and the public keys of those who wrote it."""
    where = data_folder(data, DEMO)
    known = keys or where / "keys"
    return Folder(archive or where / "archive"), verifier(known / "signing.pub"), verifier(known / "log.pub")


def _receipt(text: str, signing: Verifier) -> Receipt:
    """A receipt that the gateway signed."""
    try:
        receipt = read_receipt(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if not receipt.genuine(signing):
        raise typer.BadParameter(
            "The gateway has not signed this receipt: it is forged or damaged, or of another directory. Copy it whole, "
            "or name the right keys with --keys."
        )
    return receipt


def _witness(text: str) -> Verifier:
    try:
        return Verifier.parse(text)
    except NoteError as error:
        raise typer.BadParameter(f"--witness: {error} Give the line that the witness printed at its start.") from None
