"""No shadow: what stands in a pipeline beside whose policy no candidate decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.grants import Grants
from resolvers.model import Shown
from resolvers.ports import Watch
from resolvers.refusals import Refusal


class _Unshadowed:
    """Decides nothing and tells nothing."""

    def watch(self, asked: Mapping[str, Any], *, introspects: bool) -> Watch:  # noqa: ARG002 - a port
        """Watch nothing."""
        return self

    def answered(self, shown: Sequence[Shown], grants: Grants) -> None:
        """Nothing."""

    def refused(self, refusal: Refusal) -> None:
        """Nothing."""


UNSHADOWED = _Unshadowed()
