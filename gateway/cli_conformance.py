"""`directory conformance`: the cast's shielding cases, through a partner's router."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from gateway.conformance import Outcome, Router, conforms
from gateway.folder import DEMO, VARIABLE, data_folder
from gateway.issuer import DemoIssuer


class ConformanceError(Exception):
    """The router cannot be tried; the message says what to do."""


def conformance(
    *,
    router: Annotated[str, typer.Option("--router", help="The GraphQL endpoint of the router.")],
    data: Annotated[
        Path | None, typer.Option("--data", help=f"The data folder whose issuer the directory trusts; else {VARIABLE}.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Ask the shielding cases of the cast through a router, caches included, and say what holds."""
    outcomes = asyncio.run(_outcomes(router, data_folder(data, DEMO)))
    failed = [each for each in outcomes if each.wrong]
    if as_json:
        told = [{"case": each.case.name, "promise": each.case.promise, "wrong": each.wrong} for each in outcomes]
        typer.echo(json.dumps({"router": router, "passed": not failed, "cases": told}, indent=2))
    else:
        _show(outcomes)
    raise typer.Exit(1 if failed else 0)


async def _outcomes(url: str, data: Path) -> list[Outcome]:
    async with httpx.AsyncClient(timeout=30) as client:
        try:
            return await conforms(Router(client, url, DemoIssuer(data)))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConformanceError(
                f"The router at {url} does not answer ({type(error).__name__}). Start it, or correct --router."
            ) from None


def _show(outcomes: list[Outcome]) -> None:
    table = Table("", "case", "what must hold")
    for each in outcomes:
        said = each.case.promise if not each.wrong else f"{each.case.promise} But {each.wrong}."
        table.add_row("[red]fail[/red]" if each.wrong else "[green]pass[/green]", each.case.name, said)
    Console().print(table)
