"""Commands on what was asked: what recorded accesses would have shown, and what real traffic would show."""

import asyncio
import getpass
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from audit.chain import read_receipt
from gateway.cli_policy import POLICIES, FolderOption
from gateway.cli_policy_explain import app
from gateway.cli_policy_release import StoreOption, now, store
from gateway.cli_policy_try import (
    CLIENT,
    ArchiveOption,
    ByOption,
    CandidateOption,
    ReasonOption,
)
from gateway.folder import chosen_settings
from gateway.operators import authorise
from gateway.options import DataOption, JsonOption, SettingsOption
from gateway.personas import named
from gateway.policy.files import read_policies
from gateway.policy.store import at_hand
from gateway.services import policy_store, services
from gateway.settings import Settings
from gateway.workbench.replay import Replayer
from gateway.workbench.report import Report, shadowed
from resolvers.model import Access

__all__ = ["app"]
_screen = Console(stderr=True)


def _moment(text: str) -> str:
    """A day or moment as records hold it."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo:
            found = found.astimezone(UTC).replace(tzinfo=None)
        found - timedelta(days=1)  # the archive is looked through from the day before
    except (ValueError, OverflowError):
        raise typer.BadParameter("Give a day as 2026-11-24, or a moment as 2026-11-24T10:00, in UTC.") from None
    return found.isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class _Look:
    """Somebody looks at what is on record.

    Attributes:
        chosen: where the record is.
        operator: who looks.
        reason: why.
        archive: another archive than the settings'.
        since: from when on, ISO 8601; empty is from the beginning.
    """

    chosen: Settings
    operator: str
    reason: str
    archive: Path | None
    since: str


SinceOption = Annotated[
    str | None, typer.Option("--since", parser=_moment, help="From when on: a day or a moment, in UTC.")
]


@app.command()
def replay(
    *,
    candidate: CandidateOption,
    since: SinceOption = None,
    archive: ArchiveOption = None,
    folder: FolderOption = POLICIES,
    operator: ByOption = "auditor",
    reason: ReasonOption = "trying a candidate policy on recorded accesses",
    data: DataOption = None,
    settings: SettingsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Decide recorded accesses once more by a candidate, and say what would have been otherwise; itself recorded."""
    policies, plain = read_policies(candidate), read_policies(folder)
    look = _Look(chosen_settings(data, settings=settings), named(operator), reason, archive, since or "")
    of = policy_store(look.chosen)
    replayer = Replayer(policies, lambda revision: at_hand(revision, plain, of))

    async def _replay() -> Report:
        with _screen.status("Deciding recorded accesses once more …"):
            return await replayer.replay(_accesses(look, f"policy replay {policies.revision}"))

    _show(asyncio.run(_replay()), as_json=as_json)


@app.command()
def shadow(
    *,
    revision: Annotated[
        str | None, typer.Argument(help="The signed revision that decides beside the live one from now on.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Have none decide beside the live one.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Say what the audit trail says of it.")] = False,
    where: StoreOption = None,
    since: SinceOption = None,
    archive: ArchiveOption = None,
    operator: ByOption = "auditor",
    reason: ReasonOption = "reviewing what a candidate policy would change",
    data: DataOption = None,
    settings: SettingsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Have a revision decide beside the live one on real traffic, its answers never used; report what would differ."""
    of = store(where)
    if (off or report) == (revision is not None):
        raise typer.BadParameter("Name a revision, or say --off or --report.")
    if revision is not None:
        of.begin_shadow(revision, at=now(), by=getpass.getuser())
        _screen.print(
            f"Policy revision {revision} decides beside the live one. Next: directory policy shadow --report",
            soft_wrap=True,
        )
    if off:
        of.end_shadow(at=now(), by=getpass.getuser())
        _screen.print("No revision decides beside the live one.")
    if report:
        look = _Look(chosen_settings(data, settings=settings), named(operator), reason, archive, since or "")
        _show(asyncio.run(_report(look, of.shadowed())), as_json=as_json)


async def _report(look: _Look, revision: str) -> Report:
    found = Report()
    async for entry in _accesses(look, f"policy shadow {revision}"):
        shadowed(found, entry, revision)
    return found


async def _accesses(look: _Look, action: str) -> AsyncIterator[Mapping[str, Any]]:
    """Every access on record since then but the one that looks, which is recorded first."""
    async with services(look.chosen) as parts:
        from gateway.workbench.recorded import recorded  # noqa: PLC0415 - DuckDB comes after the policies: see rego.py

        access = Access("audit-review", look.reason, client=CLIENT)
        own = read_receipt(await authorise(parts, look.operator, access, action)).id
        async for entry in recorded(parts.stream, look.chosen, look.archive, since=look.since, own=own):
            if entry["at"] >= look.since:
                yield entry


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report.as_json()))
        return
    for each in report.as_json()["flips"]:
        about = f"{', '.join(each['roles'])}: {each['type']} {each['field']}: {each['before']} → {each['after']}"
        typer.echo(f"{about}, of {each['key'] or 'any'}: {each['count']}, such as {each['examples'][0]}")
    _screen.print(f"{report.accesses} accesses, {report.flips.total()} values otherwise.", soft_wrap=True)
    why = ", ".join(f"{reason}: {count}" for reason, count in sorted(report.undetermined.items()))
    _screen.print(f"{report.undetermined.total()} accesses undetermined{f' ({why})' if why else ''}.", soft_wrap=True)
    if report.unreadable:
        _screen.print(f"{report.unreadable} entries are no access that policy answered or refused.", soft_wrap=True)
