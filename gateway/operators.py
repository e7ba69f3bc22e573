"""What an operator does on the command line: under an account of the directory, decided and recorded like all else."""

from dataclasses import replace

from gateway.services import Services
from resolvers.decide import question
from resolvers.model import Access
from resolvers.refusals import Refusal


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
    base = parts.pipeline.base
    entry = replace(base.entry(None, account_id, access), operation_name=action)
    try:
        account = await base.accounts.refresh(account_id)
        asked = question(account, access, base.clock().date().isoformat(), operation)
        entry = replace(entry, organisation=account.organisation, area=account.area, question=asked)
        grants = await (await parts.pipeline.current()).decisions.decide(asked, access)
    except Refusal as refusal:
        raise await base.refused(entry, refusal) from None
    return await base.recorder.record(replace(entry, revision=grants.revision))
