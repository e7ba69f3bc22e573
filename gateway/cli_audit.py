"""Commands on the audit stream: each runs under an operator's account and is recorded before it shows anything."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from audit.chain import read_receipt
from audit.event import resolutions
from audit.keys import make_keys, reading_key
from audit.keystore import KeyStore
from audit.seal import key_names, unsealed
from audit.stream import entries, kept
from gateway.cli_archive import archive, prove, verify
from gateway.cli_questions import history
from gateway.cli_retention import forget, purge
from gateway.cli_witness import witness
from gateway.folder import chosen_settings
from gateway.operators import authorise
from gateway.options import DataOption, JsonOption, OperatorOption, SettingsOption
from gateway.personas import named
from gateway.services import Services, services
from resolvers.model import Access

app = typer.Typer(no_args_is_help=True, help="Who saw what, when and why.")


for command in (archive, verify, prove, history, forget, purge, witness):
    app.command()(command)


@app.callback()
def _audit() -> None:
    """Who saw what, when and why."""


@app.command()
def tail(
    *,
    operator: OperatorOption = "auditor",
    reason: Annotated[str, typer.Option(help="Why you look.")] = "routine review of the audit stream",
    last: Annotated[int, typer.Option(min=1, max=1000, help="How many of the latest entries.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more, until Ctrl-C.")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Show the latest entries, one row for each field resolution."""
    chosen = chosen_settings(data, settings=settings)
    account = named(operator)

    reading = chosen.audit_keys / "reading.key"
    key = reading_key(reading) if reading.exists() else None

    async def _tail() -> None:
        async with services(chosen) as parts:
            access = Access("audit-review", reason, client="directory audit")
            own = read_receipt(await authorise(parts, account, access, "audit tail"))
            async for entry in entries(parts.stream, last=last + 1, follow=follow):
                if entry["receipt"] != own.id:
                    confided = unsealed(entry, await _subject_keys(parts, key_names(entry)), key) if key else None
                    _show({**entry, **(confided or {"reason": None, "arguments": None})}, as_json=as_json)

    asyncio.run(_tail())


@app.command()
def keys(
    folder: Annotated[Path, typer.Argument(help="Where to; a pair of which a half is there already is kept.")],
    name: Annotated[str, typer.Option(help="Whose keys they are: a name that you own, such as a domain.")],
) -> None:
    """Make the keys of the evidence: for signing entries, for reading their free text, and for the archive's log."""
    make_keys(folder, name)
    typer.echo(
        f"Keys are in {folder}. Give the gateway signing.key, reading.pub and log.pub, the archiver log.key and "
        "signing.pub, and keep reading.key from both."
    )


async def _subject_keys(parts: Services, names: Sequence[str]) -> dict[str, bytes]:
    """Subjects' keys from the stream, or from where the archiver has moved them since."""
    found = await kept(parts.stream, names)
    if parts.settings.audit_keystore is None or len(found) == len(names):
        return found
    return found | await asyncio.to_thread(KeyStore(parts.settings.audit_keystore).get, names)


def _show(entry: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(entry))
        return
    outcome = " ".join([entry["outcome"], *entry["codes"]])
    screen = Console()
    screen.print(f"{entry['at']} {outcome}, receipt {entry['receipt']}", style="bold", markup=False, soft_wrap=True)
    screen.print(
        f"{entry['account']} for {entry['purpose']}: {entry['reason'] or '(sealed)'}", markup=False, soft_wrap=True
    )
    table = Table("path", "record", "field", "outcome")
    for each in resolutions(entry):
        table.add_row(
            each.path, f"{each.type} {each.id}", each.field, f"withheld: {each.reason}" if each.reason else "shown"
        )
    screen.print(table)
