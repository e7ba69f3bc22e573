"""Commands that try policies on what is: what differs, what recorded accesses would have shown, and why."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from audit.archive.reading import leaves_of
from audit.archive.tables import database
from audit.chain import read_receipt
from audit.stream import entries
from gateway.cli_policy import POLICIES, FolderOption, JsonOption
from gateway.cli_policy_release import app
from gateway.folder import VARIABLE, chosen_settings
from gateway.operators import authorise
from gateway.personas import named
from gateway.policy.files import PolicyError, read_policies
from gateway.policy.rego import RegoDecider
from gateway.services import services
from gateway.workbench import release
from gateway.workbench.explain import Explanation, explain
from gateway.workbench.matrix import summary
from gateway.workbench.opa import pinned_opa
from gateway.workbench.replay import Replayer, Report
from graph.classes import child_class
from resolvers.decide import question
from resolvers.model import Access
from seed.cast import cast_json

__all__ = ["app"]
_screen = Console(stderr=True)
_ALL = 2**31
_CLIENT = "directory policy"

CandidateOption = Annotated[Path, typer.Option("--candidate", help="The policy folder to try.")]
OperatorOption = Annotated[str, typer.Option("--by", help="You, who look: a persona or an account's id.")]
ReasonOption = Annotated[str, typer.Option(help="Why you look.")]
DataOption = Annotated[Path | None, typer.Option("--data", help=f"The data folder; else {VARIABLE}, else the demo's.")]
SettingsOption = Annotated[bool, typer.Option("--settings", help="The engines that the settings name.")]


@app.command()
def diff(*, candidate: CandidateOption, folder: FolderOption = POLICIES, as_json: JsonOption = False) -> None:
    """Say which cells a candidate changes."""
    with _screen.status("Asking both policies …"):
        found = release.compare(read_policies(folder), read_policies(candidate))
    if as_json:
        cells = [{"cell": str(each.cell), "before": each.before, "after": each.after} for each in found.changed]
        typer.echo(json.dumps({"changed": cells, "opened": len(found.opened), "tables": found.tables}))
        return
    for line in summary(found.changed):
        typer.echo(line)
    _screen.print(f"{len(found.changed)} cells differ, {len(found.opened)} of them open more.", soft_wrap=True)


@app.command()
def replay(
    *,
    candidate: CandidateOption,
    since: Annotated[str, typer.Option(help="From when on, as 2026-11-24 or 2026-11-24T10:00.")] = "",
    archive: Annotated[Path | None, typer.Option(help="An audit archive to replay too, before the stream.")] = None,
    folder: FolderOption = POLICIES,
    operator: OperatorOption = "auditor",
    reason: ReasonOption = "trying a candidate policy on recorded accesses",
    data: DataOption = None,
    settings: SettingsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Decide recorded accesses once more by a candidate, and say what would have been otherwise; itself recorded."""
    policies, chosen = read_policies(candidate), chosen_settings(data, settings=settings)
    base = read_policies(folder)
    replayer = Replayer(policies, RegoDecider(policies).ask, {base.revision: RegoDecider(base).ask}, since)
    files = sorted(archive.glob("entries/day=*/*.parquet")) if archive else []

    async def _replay() -> Report:
        async with services(chosen) as parts:
            access = Access("audit-review", reason, client=_CLIENT)
            own = await authorise(parts, named(operator), access, f"policy replay {policies.revision}")
            with _screen.status("Deciding recorded accesses once more …"):
                return await replayer.replay(_recorded(files, parts.stream, read_receipt(own).id))

    report = asyncio.run(_replay())
    if as_json:
        typer.echo(json.dumps(report.as_json()))
        return
    table = Table("roles", "record", "class", "field", "was", "would be", "count", "such as")
    for each in report.as_json()["flips"]:
        told = [each[name] for name in ("type", "key", "field", "before", "after")]
        table.add_row(", ".join(each["roles"]), *told, str(each["count"]), each["examples"][0])
    Console().print(table)
    for line in (
        f"{report.accesses} accesses, {sum(report.flips.values())} values would have been otherwise.",
        f"{report.undetermined} accesses might have met records that were invisible then.",
        f"{report.unreadable} entries are no access to records.",
    ):
        _screen.print(line, soft_wrap=True)


async def _recorded(files: list[Path], stream: Redis, own: str) -> AsyncIterator[Mapping[str, Any]]:
    """Every access on record but this one, each once, oldest first."""
    seen = {own}
    for path in files:
        with database() as opened:
            for leaf, _ in leaves_of(opened, path):
                entry = orjson.loads(leaf.entry)
                if entry.get("kind") == "access" and entry["receipt"] not in seen:
                    seen.add(entry["receipt"])
                    yield entry
    async for entry in entries(stream, last=_ALL, follow=False):
        if entry["receipt"] not in seen:
            yield entry


@app.command("explain")
def explain_command(
    *,
    persona: Annotated[str, typer.Option("--as", help="Who would ask: a persona or an account's id.")],
    child: Annotated[str, typer.Option(help="The child: one of the cast, or an identifier.")],
    field: Annotated[str, typer.Option(help="The field of the child.")],
    purpose: Annotated[str, typer.Option(help="For which purpose they would ask.")] = "safeguarding",
    folder: FolderOption = POLICIES,
    operator: OperatorOption = "auditor",
    reason: ReasonOption = "explaining a decision",
    data: DataOption = None,
    settings: SettingsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say which rule opens or withholds a field, where it stands, and what would have to differ. Never for callers."""
    chosen, cast = chosen_settings(data, settings=settings), cast_json()
    opa, policies = pinned_opa(_screen.print), read_policies(folder.resolve())

    async def _explain() -> Explanation:
        async with services(chosen) as parts:
            access = Access("audit-review", reason, client=_CLIENT)
            await authorise(parts, named(operator), access, f"policy explain {persona} {field}")
            account = await parts.pipeline.accounts.refresh(named(persona))
            today = datetime.now(UTC).date().isoformat()
            key = await child_class(parts.driver, cast["children"].get(child, child), account, today)
            if key is None:
                raise PolicyError(f"There is no child {child}, or her record is of no class, so nobody sees it.")
            asked = question(account, Access(purpose, "a reason"), today)
            return explain(opa, policies, asked, f"Child:{key}", field)

    found = asyncio.run(_explain())
    if as_json:
        typer.echo(json.dumps({"said": found.said, "rules": found.rules, "changes": found.changes}))
        return
    typer.echo(f"{field} is {found.said if found.said in {'open', 'invisible'} else f'withheld: {found.said}'}")
    for rule in found.rules:
        typer.echo(f"  {rule}")
    for change in found.changes:
        typer.echo(f"  it would turn with {change}")
