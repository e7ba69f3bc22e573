"""What the rest of the gateway knows of its engines: where they answer, and that one failed."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

EngineName = Literal["graph", "stream", "policy"]
"""The three servers: Bolt (Neo4j or ArcadeDB), Redis or Valkey, Open Policy Agent."""


class EngineError(Exception):
    """An engine cannot be started, reached or stopped; the message says what a person can do about it."""


@dataclass(frozen=True)
class Engines:
    """Where the engines answer, and the credentials for them.

    Attributes:
        graph_uri: Bolt address, such as ``bolt://127.0.0.1:21001``.
        graph_user: user name for Bolt.
        graph_password: password for Bolt; kept out of ``repr``.
        stream_url: Redis address with its password in it; kept out of ``repr``.
        opa_url: HTTP address of the policy server, or None where policy is decided in process.
    """

    graph_uri: str
    graph_user: str
    graph_password: str = field(repr=False)
    stream_url: str = field(repr=False)
    opa_url: str | None = None


class EngineSet(Protocol):
    """Running engines that can be watched and restarted one by one, on the same port with the same credentials."""

    @property
    def engines(self) -> Engines:
        """Where they answer; the same value through any number of restarts."""

    def pid(self, name: EngineName) -> int | None:
        """Process id of one engine, or None once it has died."""

    def died(self) -> tuple[EngineName, ...]:
        """The engines that should be running and are not."""

    def restart(self, name: EngineName) -> None:
        """Stop one engine if it still runs, start it again and return when it answers.

        Blocks for seconds: from a coroutine, call it in a thread.

        Raises:
            EngineError: it did not come back.
        """
