"""Questions about the audit archive: each is decided by policy, and recorded before it shows anything."""

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from audit.keys import reading_key, verifier
from audit.keystore import KeyStore
from audit.questions import MOST, Accessed, Answer, Archive, Question, confided
from audit.subject import Told, told
from gateway.folder import chosen_settings
from gateway.operators import authorise
from gateway.options import DataOption, JsonOption, SettingsOption
from gateway.personas import named, recorded_as
from gateway.services import services
from gateway.settings import Settings, SettingsError
from graph.subjects import nameable
from resolvers.model import Access

CLIENT = "directory audit"
_DATES = ["%Y-%m-%d"]

ReasonOption = Annotated[str, typer.Option(help="Why you ask.")]
SinceOption = Annotated[datetime | None, typer.Option(formats=_DATES, help="The first day; else from the beginning.")]
UntilOption = Annotated[datetime | None, typer.Option(formats=_DATES, help="The last day; else until now.")]
LimitOption = Annotated[int, typer.Option(min=1, max=1_000_000, help="How many accesses at most, the newest.")]


def history(
    *,
    child: Annotated[str | None, typer.Option(help="Whose record: of the cast, or an identifier.")] = None,
    account: Annotated[str | None, typer.Option(help="Whose full trail: a persona, or an account's id.")] = None,
    for_subject: Annotated[
        bool, typer.Option("--for-subject", help="What the child, or who may ask for them, is told: less.")
    ] = False,
    operator: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="The operator: a persona or an account's id; else the auditor, or for a subject the data manager.",
        ),
    ] = None,
    reason: ReasonOption = "routine review of the audit archive",
    since: SinceOption = None,
    until: UntilOption = None,
    limit: LimitOption = MOST,
    as_json: JsonOption = False,
    data: DataOption = None,
    settings: SettingsOption = False,
) -> None:
    """Show who has seen a child's record, when, why and what; or all that an account has asked."""
    if child is None and account is None:
        raise typer.BadParameter("Ask about a --child, an --account or both.")
    if for_subject and (child is None or account is not None):
        raise typer.BadParameter("A subject is told of one child: give --child, and no --account.")
    asked = Question(
        child=named(child, "children") if child else None,
        account=recorded_as(account) if account else None,
        since=since and since.date(),
        until=until and until.date(),
        limit=limit,
    )
    chosen = chosen_settings(data, settings=settings)
    if for_subject:
        lines = asyncio.run(_for_subject(chosen, operator or "data-manager", reason, asked))
        _show_subject(lines, as_json=as_json)
        return
    about = " ".join(f"{name} {value}" for name, value in (("child", asked.child), ("account", asked.account)) if value)
    asyncio.run(recorded(chosen, operator or "auditor", reason, f"audit history {about}", "audit-review"))
    _answer(chosen, asked, as_json=as_json)


def _answer(chosen: Settings, asked: Question, *, as_json: bool) -> None:
    answer = archive_of(chosen).accesses(asked)
    reading = chosen.audit_keys / "reading.key"
    if reading.exists() and chosen.audit_keystore:
        said = list(confided(answer.accesses, KeyStore(chosen.audit_keystore), reading_key(reading)))
    else:
        said = [(each, None) for each in answer.accesses]
    if as_json:
        for access, opened in said:
            typer.echo(json.dumps({**dataclasses.asdict(access), "sealed": opened}, default=_plain))
        return
    _show(answer, said)


async def _for_subject(chosen: Settings, operator: str, reason: str, asked: Question) -> list[Told]:
    """What a subject is told; the question is recorded before the archive is asked."""
    child = str(asked.child)
    async with services(chosen) as parts:
        access = Access("subject-access", reason, client=CLIENT)
        await authorise(parts, named(operator), access, f"audit history for the subject {child}")
        rows = await asyncio.to_thread(archive_of(chosen).records, asked)
        organisations = {row["organisation"] for row in rows if row["organisation"]}
        names = await nameable(parts.driver, child, organisations)
        rules = (await parts.pipeline.policies()).subjects
        return told(rows, child, names, datetime.now(UTC).date(), rules)


def _show_subject(lines: list[Told], *, as_json: bool) -> None:
    if as_json:
        for each in lines:
            typer.echo(json.dumps(dataclasses.asdict(each), default=str))
        return
    table = Table("day", "organisation", "purpose", "what was seen")
    for each in lines:
        table.add_row(each.day.isoformat(), each.organisation or "", each.purpose, ", ".join(each.seen))
    Console().print(table)


async def recorded(settings: Settings, operator: str, reason: str, action: str, purpose: str) -> tuple[str, str]:
    """Have policy decide on what an operator does, and record it; the operator's account, and the receipt.

    Raises:
        Refusal: policy does not allow it, or it cannot be recorded.
    """
    account = named(operator)
    async with services(settings) as parts:
        receipt = await authorise(parts, account, Access(purpose, reason, client=CLIENT), action)
    return account, receipt


def archive_of(settings: Settings) -> Archive:
    """The archive that settings name.

    Raises:
        SettingsError: they name none.
    """
    if settings.audit_archive is None:
        raise SettingsError("Set DIRECTORY_AUDIT_ARCHIVE: the folder of the archive that is asked.")
    return Archive(settings.audit_archive, verifier(settings.audit_keys / "log.pub"))


def _show(answer: Answer, told: list[tuple[Accessed, Mapping[str, Any] | None]]) -> None:
    screen = Console()
    for access, said in told:
        outcome = " ".join([access.outcome, *access.codes])
        head = f"{_plain(access.at)} {outcome}, leaf {access.leaf}, receipt {access.receipt}"
        screen.print(head, style="bold", markup=False, highlight=False, soft_wrap=True)
        why = said["reason"] if said else "(its keys were destroyed, or are not here)" if access.sealed else ""
        done = f" [{access.name}]" if access.name else ""
        who = f"{access.account} of {access.organisation} for {access.purpose}{done}: {why}"
        screen.print(who, markup=False, highlight=False, soft_wrap=True)
        if said and said["arguments"]:
            screen.print(f"asked for {json.dumps(said['arguments'], ensure_ascii=False)}", markup=False, soft_wrap=True)
        if access.records:
            table = Table("path", "record", "shown", "withheld")
            for each in access.records:
                held = ", ".join(f"{field} ({why})" for field, why in each.withheld.items())
                table.add_row(each.path, f"{each.type} {each.id}", ", ".join(each.shown), held)
            screen.print(table)
    older = ", and there are older ones: see --limit and --until" if answer.more else ""
    screen.print(
        f"{len(told)} accesses{older}. Archived until {_plain(answer.until)}.", highlight=False, soft_wrap=True
    )
    if answer.purged:
        screen.print(f"Entries up to {answer.purged} were purged, as retention demands.", highlight=False)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    raise TypeError(f"{type(value).__name__} is no part of an answer.")
