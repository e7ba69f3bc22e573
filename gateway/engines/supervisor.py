"""Ends the engines of a data folder when the process that started them goes away, however it goes.

Run as `python -m gateway.engines.supervisor DATA`. Its standard input is a pipe that the starter holds and never
writes to: end of file means that the starter closed it or died. It inherits the lock of the data folder, so nobody
can start on that folder before its engines have ended.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from gateway.engines.folder import STOPPING, DataFolder, end_engines


def main(data: Path) -> None:
    """Wait for the end of standard input, or for SIGTERM, and end the engines."""
    folder = DataFolder(data)
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.stdout.write("watching\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
    finally:
        folder.lock_file.write_text(f"{STOPPING} {os.getpid()}\n", encoding="ascii")
        end_engines(folder)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    main(Path(sys.argv[1]))
