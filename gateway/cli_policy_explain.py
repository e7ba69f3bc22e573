"""The command that says why: of an access on record, or of one that somebody might make."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.cli_policy import POLICIES, FolderOption
from gateway.cli_policy_try import CLIENT, ArchiveOption, ByOption, ReasonOption, app
from gateway.folder import chosen_settings
from gateway.operators import authorise
from gateway.options import DataOption, JsonOption, SettingsOption
from gateway.personas import named
from gateway.policy.files import PolicyError, PolicyFiles, read_policies
from gateway.policy.store import at_hand
from gateway.services import Services, policy_store, services
from gateway.workbench.explain import explain as explained
from gateway.workbench.opa import pinned_opa
from gateway.workbench.receipts import Explained, receipt_explained
from graph.classes import record_class
from resolvers.decide import question
from resolvers.model import Access
from schema.catalogue import CATALOGUE

__all__ = ["app"]
_screen = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class _Would:
    """An access that somebody might make.

    Attributes:
        account: who.
        type: the record's type.
        record: its identifier.
        field: the field.
        purpose: what for.
    """

    account: str
    type: str
    record: str
    field: str
    purpose: str


@app.command()
def explain(
    *,
    receipt: Annotated[str | None, typer.Option(help="The receipt of an access on record, or its first part.")] = None,
    persona: Annotated[str | None, typer.Option("--as", help="Who would ask: a persona or an account's id.")] = None,
    child: Annotated[str | None, typer.Option(help="The child: one of the cast, or an identifier.")] = None,
    record: Annotated[str | None, typer.Option(help="Another record, as Service:identifier.")] = None,
    field: Annotated[str | None, typer.Option(help="The field.")] = None,
    purpose: Annotated[str, typer.Option(help="For which purpose they would ask.")] = "safeguarding",
    folder: FolderOption = POLICIES,
    archive: ArchiveOption = None,
    operator: ByOption = "auditor",
    reason: ReasonOption = "explaining a decision",
    data: DataOption = None,
    settings: SettingsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say which rule opens or withholds a field, where it stands, and what would have to differ. Never for callers."""
    chosen, access = chosen_settings(data, settings=settings), Access("audit-review", reason, client=CLIENT)
    plain, would = read_policies(folder.resolve()), None
    if receipt is None:
        would = _stated(persona, child, record, field, purpose)
    action = f"policy explain {would.account} {would.type} {would.field}" if would else f"policy explain {receipt}"

    async def _explain() -> list[Explained]:
        async with services(chosen) as parts:
            await authorise(parts, named(operator), access, action)
            if would:
                return [await _one(parts, plain, would)]
            return [*await _recorded(parts, plain, archive, str(receipt).partition(".")[0])]

    for each in asyncio.run(_explain()):
        for line in [json.dumps(_as_json(each))] if as_json else _in_words(each):
            typer.echo(line)


def _stated(persona: str | None, child: str | None, record: str | None, field: str | None, purpose: str) -> _Would:
    if not (persona and field and bool(child) != bool(record)):
        raise typer.BadParameter("Give --receipt; or --as and --field, with --child or --record.")
    type_name, _, identifier = (record or f"Child:{named(str(child), 'children')}").partition(":")
    if type_name not in CATALOGUE:
        raise typer.BadParameter(f"There are no records {type_name}. Those there are: {', '.join(CATALOGUE)}.")
    return _Would(named(persona), type_name, identifier, field, purpose)


async def _one(parts: Services, policies: PolicyFiles, would: _Would) -> Explained:
    account = await parts.pipeline.base.accounts.refresh(would.account)
    today = datetime.now(UTC).date().isoformat()
    key = await record_class(parts.driver, would.type, would.record, account, today)
    if key is None:
        raise PolicyError(f"There is no {would.type} {would.record}, or it is of no class, so nobody sees it.")
    asked, ref = question(account, Access(would.purpose, "a reason"), today), f"{would.type}:{key}"
    found = explained(pinned_opa(_screen.print), policies, asked, ref, [would.field])
    return Explained("asker", "", ref, would.field, "", found[would.field])


async def _recorded(parts: Services, plain: PolicyFiles, archive: Path | None, receipt: str) -> Iterator[Explained]:
    from gateway.workbench.recorded import with_receipt  # noqa: PLC0415 - other commands do without DuckDB

    entry = await with_receipt(parts.stream, parts.settings, archive, receipt)
    if entry is None:
        raise PolicyError(f"There is no access {receipt} in the stream, nor in the archive. Copy the receipt whole.")
    revision = entry["revision"] or plain.revision
    policies = at_hand(revision, plain, policy_store(parts.settings))
    if policies is None:
        raise PolicyError(
            f"The policies of revision {revision}, which decided, are not at hand. Check them out of version control "
            "and name their folder: --policies."
        )
    return receipt_explained(pinned_opa(_screen.print), policies, entry)


def _as_json(each: Explained) -> dict[str, object]:
    told = {name: getattr(each, name) for name in ("who", "path", "ref", "field", "recorded")}
    return {**told, "said": each.why.said, "rules": each.why.rules, "changes": each.why.changes}


def _in_words(each: Explained) -> Iterator[str]:
    about = f"{each.path or each.ref.partition(':')[0]} [{each.ref.partition(':')[2]}] {each.field}".replace("[] ", "")
    said = each.why.said if each.why.said in {"open", "invisible"} else f"withheld: {each.why.said}"
    whose = " to the person asked for" if each.who == "other" else ""
    yield f"{about.strip() or 'the access'} is {said}{whose}"
    for rule in each.why.rules:
        yield f"  {rule}"
    for change in each.why.changes:
        yield f"  it would turn with {change}"
    if not each.why.changes:
        yield "  nothing of the access or the record by itself would turn it, only the policy"
