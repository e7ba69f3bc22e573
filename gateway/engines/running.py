"""A set of engines on one data folder, whichever servers they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.engines.folder import DataFolder, write_engines
from gateway.engines.model import EngineName, Engines
from gateway.engines.probe import wait_until_ready
from gateway.engines.process import ServerSpec, end_all, running_pid, spawn


@dataclass(frozen=True)
class RunningSet:
    """The engines of one data folder; an `EngineSet`.

    Attributes:
        folder: their data folder.
        engines: where they answer.
        specs: how each is started.
        seconds: how long each may take to answer.
    """

    folder: DataFolder
    engines: Engines
    specs: Mapping[EngineName, ServerSpec]
    seconds: float

    def start(self) -> None:
        """Start all of them side by side, and tell other commands once all answer.

        Raises:
            EngineError: one does not start.
        """
        for spec in self.specs.values():
            spawn(spec)
        for name in self.specs:
            wait_until_ready(self.folder, self.engines, name, self.seconds)
        write_engines(self.folder, self.engines)

    def pid(self, name: EngineName) -> int | None:
        """Process id of one engine, or None once it has died."""
        return running_pid(self.folder.pid_file(name))

    def died(self) -> tuple[EngineName, ...]:
        """The engines that should be running and are not."""
        return tuple(name for name in self.specs if self.pid(name) is None)

    def restart(self, name: EngineName) -> None:
        """Stop one engine if it still runs, start it again and return when it answers.

        Raises:
            EngineError: it did not come back.
        """
        spec = self.specs[name]
        end_all([(spec.pid_file, spec.grace)])
        spawn(spec)
        wait_until_ready(self.folder, self.engines, name, self.seconds)
