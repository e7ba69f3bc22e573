"""Forgetting a subject, and purging what retention no longer keeps. Neither touches the log's proofs."""

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli_questions import ReasonOption, recorded
from gateway.folder import chosen_settings
from gateway.options import DataOption, OperatorOption, SettingsOption
from gateway.settings import SettingsError

_screen = Console(stderr=True)


def forget(
    subject: Annotated[str, typer.Argument(help="The identifier of a child or carer.")],
    *,
    operator: OperatorOption,
    reason: ReasonOption,
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Propose to destroy a subject's keys; as a second person, destroy them: what concerns them alone is unreadable."""
    chosen = chosen_settings(data, settings=settings)
    account, _ = asyncio.run(recorded(chosen, operator, reason, f"audit forget {subject}", "subject-access"))
    from gateway.archiver import archiver_of  # noqa: PLC0415 - DuckDB is not needed by the other commands

    archiver = archiver_of(chosen)
    if not archiver.keys.is_seconded(subject, account):
        _screen.print("Proposed. Another person must now do the same.")
        return
    if destroyed := archiver.forget(subject):
        _screen.print(f"Forgotten: {destroyed} keys were destroyed. Destroy them in backups too.")
    else:
        _screen.print(f"There were no keys of {subject}: nothing was destroyed. Check the identifier.", markup=False)


def purge(
    *,
    before: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day that stays; else as retention says.")
    ] = None,
    operator: OperatorOption,
    reason: ReasonOption,
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Remove the entries of days that retention no longer keeps; their hashes stay, so that every proof stays valid."""
    chosen = chosen_settings(data, settings=settings)
    latest = first_kept(chosen.audit_years, datetime.now(UTC).date())
    day = before.date() if before else latest
    if day > latest:
        raise SettingsError(f"DIRECTORY_AUDIT_YEARS keeps {chosen.audit_years} years: purge before {latest} at most.")
    _, receipt = asyncio.run(recorded(chosen, operator, reason, f"audit purge {day}", "audit-review"))
    from gateway.archiver import archiver_of  # noqa: PLC0415 - as above

    removed = archiver_of(chosen).purge(day, receipt)
    told = f"Leaves {removed.first} to {removed.last} are purged." if removed else "There is nothing that old."
    _screen.print(told, highlight=False)


def first_kept(years: int, today: date) -> date:
    """The first day that retention keeps."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)
