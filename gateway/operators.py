"""What an operator does on the command line: under an account of the directory, decided and recorded like all else."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from gateway.services import Services
from resolvers.decide import question
from resolvers.model import Access, Entry
from resolvers.refusals import GateRefusal, Refusal


async def authorise(
    parts: Services, account_id: str, access: Access, action: str, *, operation: str | None = None
) -> str:
    """Let an operator do something, and record it before it is done.

    Args:
        parts: the running services.
        account_id: the operator's account.
        access: the purpose and the reason.
        action: what is done, as the record names it.
        operation: the same for policy, where it has a rule of its own for it.

    Returns:
        The record's receipt.

    Raises:
        Refusal: policy does not allow it, or it cannot be recorded; the refusal is recorded too where that is possible.
    """
    now = datetime.now(UTC)
    entry = Entry(
        receipt=secrets.token_hex(16),
        at=now.isoformat(timespec="milliseconds"),
        outcome="answered",
        account=account_id,
        access=access,
        operation=None,
        operation_name=action,
    )
    try:
        account = await parts.pipeline.accounts.refresh(account_id)
        asked = question(account, access, now.date().isoformat(), operation)
        entry = replace(entry, organisation=account.organisation, area=account.area, question=asked)
        grants = await (await parts.pipeline.current()).decisions.decide(asked, access)
    except Refusal as refusal:
        revision = refusal.revision if isinstance(refusal, GateRefusal) else None
        refused = replace(entry, outcome="refused", codes=refusal.codes, revision=revision)
        refusal.receipt = await parts.pipeline.recorder.record(refused)
        raise
    return await parts.pipeline.recorder.record(replace(entry, revision=grants.revision))
