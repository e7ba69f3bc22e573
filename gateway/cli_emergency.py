"""Commands of the emergency switch. One person closes; two reopen. Each is recorded before it is done."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.folder import chosen_settings
from gateway.operators import authorise
from gateway.options import DataOption, OperatorOption, SettingsOption
from gateway.personas import named
from gateway.services import graph_driver, services
from graph import closures
from resolvers.model import Access

app = typer.Typer(no_args_is_help=True, help="Close the directory, or one organisation's access, in an emergency.")
_screen = Console(stderr=True)
_CLIENT = "directory emergency"

ScopeOption = Annotated[str, typer.Option(help="all, or the identifier of an authority or partner.")]
ReasonOption = Annotated[str, typer.Option(help="Why.")]
PurposeOption = Annotated[str, typer.Option(help="The purpose it is done for.")]


@app.command()
def close(
    *,
    scope: ScopeOption,
    operator: OperatorOption,
    reason: ReasonOption,
    purpose: PurposeOption = "safeguarding",
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Close access at once: no read that begins after this command has ended answers anything."""
    account = named(operator)

    async def _close() -> int:
        async with services(chosen_settings(data, settings=settings)) as parts:
            access = Access(purpose, reason, client=_CLIENT)
            await authorise(parts, account, access, f"emergency close {scope}", operation="close")
            now = datetime.now(UTC).isoformat(timespec="seconds")
            return await closures.close(parts.driver, scope, by=account, at=now, reason=reason)

    concerned = asyncio.run(_close())
    _screen.print(f"Closed for {concerned} organisations. Two people reopen it: directory emergency reopen")


@app.command()
def reopen(
    *,
    scope: ScopeOption,
    operator: OperatorOption,
    reason: ReasonOption,
    purpose: PurposeOption = "safeguarding",
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Propose to reopen access; as a second person, reopen it."""
    account = named(operator)

    async def _reopen() -> bool:
        async with services(chosen_settings(data, settings=settings)) as parts:
            access = Access(purpose, reason, client=_CLIENT)
            await authorise(parts, account, access, f"emergency reopen {scope}", operation="reopen")
            return await closures.reopen(parts.driver, scope, by=account)

    reopened = asyncio.run(_reopen())
    _screen.print("Access is open again." if reopened else "Proposed. Another person must now do the same.")


@app.command()
def status(*, data: DataOption = None, settings: SettingsOption = False) -> None:
    """Say what is closed."""

    async def _status() -> list[closures.Closure]:
        async with graph_driver(chosen_settings(data, settings=settings)) as driver:
            return await closures.closures(driver)

    table = Table("scope", "closed by", "at", "reopening proposed by")
    for each in asyncio.run(_status()):
        table.add_row(each.scope, each.by, each.at, each.opening or "")
    Console().print(table)
