"""Processes of our own beside the gateway, for what it should not have in its own."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

LINE = 64 * 1024
"""How long a line may be that such a process writes, in bytes, unless asked otherwise."""


async def begun(module: str, *words: str, longest: int = LINE) -> Process:
    """A process that runs a module, without the gateway's settings, which hold secrets.

    What it is told and what it answers go through its input and output. Nobody hears what its libraries say besides,
    which may quote what it was told.

    Args:
        module: what it runs; it is found where the gateway's own modules are, and not where the gateway was started.
        words: its arguments, which everybody on the machine can read.
        longest: how long a line may be that it writes, in bytes.

    Raises:
        OSError: it cannot be begun.
    """
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DIRECTORY_")}
    command = (sys.executable, "-P", "-m", module, *words)
    return await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=longest, env=plain
    )
