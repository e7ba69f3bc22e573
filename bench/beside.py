"""Something that goes on beside a load."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do something in a thread for the length of a block, at whose end it is told to stop.

    What it raises is raised after the block.
    """
    ended = threading.Event()
    faults: list[BaseException] = []

    def run() -> None:
        try:
            work(ended)
        except BaseException as error:  # noqa: BLE001 - raised again below
            faults.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if faults:
        raise faults[0]
