"""Large pages for what a worker keeps.

The schema, the code and the caches of a worker are spread over some 20,000 pages of 4 KiB, and an answer touches so
many of them that finding where they are takes a twelfth of its processor time; on a virtual machine each is looked up
twice. The kernel can put memory that is in use on pages of 2 MiB, as it is: then hardly any have to be looked up.

Python has no call for it, and no library that is kept up does it: so the system's own is called.
"""

import ctypes
from collections.abc import Iterator
from pathlib import Path

_KERNEL = Path("/sys/kernel/mm/transparent_hugepage")
_MAPS = Path("/proc/self/maps")  # proc_pid_maps(5)
_COLLAPSE = 25
"""MADV_COLLAPSE of madvise(2), Linux 6.1 and later."""


def enlarge(kernel: Path = _KERNEL, maps: Path = _MAPS) -> int:
    """Put the memory that this process has in use on large pages, as far as there are any.

    Nothing else changes. Where the kernel has none, is too old, or is set to make none, all stays as it is.

    Args:
        kernel: where the kernel tells of its large pages.
        maps: where it tells of this process's memory.

    Returns:
        How many bytes are on large pages now because of this.
    """
    try:
        large = int((kernel / "hpage_pmd_size").read_text())
        if "[never]" in (kernel / "enabled").read_text():
            return 0
        spans = list(_spans(maps.read_text()))
    except OSError:
        return 0
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    starts = (start for first, end in spans for start in range(-(-first // large) * large, end - large + 1, large))
    return sum(large for start in starts if advise(start, large, _COLLAPSE) == 0)


def _spans(maps: str) -> Iterator[tuple[int, int]]:
    """From where to where memory lies that belongs to no file and can be written."""
    for line in maps.splitlines():
        span, access, _, _, _, *name = line.split(maxsplit=5)
        if access.startswith("rw") and (not name or name == ["[heap]"]):
            first, end = span.split("-")
            yield int(first, 16), int(end, 16)
