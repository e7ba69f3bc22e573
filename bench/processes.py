"""Processor time and memory of processes, as Linux tells them under /proc."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.model import Part

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024 * 1024
_PARENT, _USER, _SYSTEM, _RESIDENT = 1, 11, 12, 21
"""Fields of /proc/PID/stat after the command's name."""


def family(roots: Iterable[int]) -> set[int]:
    """Processes with all their descendants, as far as they live."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if stat := _stat(int(folder.name)):
            children.setdefault(int(stat[_PARENT]), []).append(int(folder.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found and _stat(pid):
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def processor(pids: Iterable[int]) -> dict[int, float]:
    """Processor time that each process has used so far, in seconds."""
    stats = {pid: _stat(pid) for pid in pids}
    return {pid: (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICK for pid, stat in stats.items() if stat}


def spent(before: Mapping[int, float], parts: Mapping[str, Sequence[int]]) -> tuple[Part, ...]:
    """What each part has used since `before`, and what memory it has now; what a process used that ended is lost."""
    found = []
    for name, roots in parts.items():
        times = processor(family(roots))
        seconds = sum(time - before.get(pid, 0.0) for pid, time in times.items())
        resident = [int(stat[_RESIDENT]) * _PAGE / _MIB for pid in times if (stat := _stat(pid))]
        found.append(Part(name, len(times), seconds, max(resident, default=0.0), sum(map(_proportional, times))))
    return tuple(found)


def busy() -> float:
    """Processor time that the whole machine has used so far, in seconds."""
    user, nice, system, _idle, _waiting, interrupts, soft = _first_line()[:7]
    return (user + nice + system + interrupts + soft) / _TICK


def _first_line() -> list[int]:
    return [int(each) for each in Path("/proc/stat").read_text("utf-8").splitlines()[0].split()[1:]]


def used(parts: Mapping[str, Sequence[int]]) -> dict[int, float]:
    """Processor time of each process of the parts so far, in seconds."""
    return processor(family(root for roots in parts.values() for root in roots))


def _stat(pid: int) -> list[str] | None:
    """The fields after the command's name, which may hold spaces; None once the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _proportional(pid: int) -> float:
    """A process's memory in MiB, its share of what it shares with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
