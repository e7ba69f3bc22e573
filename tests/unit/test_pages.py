"""What a worker keeps lies on large pages where the kernel has them."""

import ctypes
import mmap
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.pages import enlarge

LARGE = 2 * 1024 * 1024
KERNEL = Path("/sys/kernel/mm/transparent_hugepage")


def described(address: int) -> tuple[str, int]:
    """What the kernel tells of the memory around an address: its line, and how many bytes are on large pages."""
    found = ""
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if span := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
            found = line if int(span[1], 16) <= address < int(span[2], 16) else ""
        elif found and line.startswith("AnonHugePages:"):
            return found, 1024 * int(line.split()[1])
    raise AssertionError


@contextmanager
def in_use() -> Iterator[tuple[mmap.mmap, int]]:
    """Memory that is in use, four large pages of it, and where it begins."""
    if not KERNEL.exists() or tuple(map(int, platform.release().split(".")[:2])) < (6, 1):
        pytest.skip("This kernel cannot make large pages of memory in use: a gateway runs without them here.")
    if "[never]" in (KERNEL / "enabled").read_text():
        pytest.skip("This machine is set to make no large pages: a gateway runs without them here.")
    with mmap.mmap(-1, 4 * LARGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_DONTFORK)  # which keeps it apart from its neighbours
        memory.write(bytes(range(256)) * (4 * LARGE // 256))
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        if described(address)[1]:
            pytest.skip("This machine is set to make large pages by itself: nothing is left to do.")
        yield memory, address


def test_memory_in_use_is_put_on_large_pages_as_it_is(tmp_path: Path) -> None:
    """Memory that is in use is on large pages afterwards, and holds what it held."""
    with in_use() as (memory, address):
        before, maps = bytes(memory), tmp_path / "maps"
        maps.write_text(described(address)[0])
        done = enlarge(maps=maps)
        assert done >= 3 * LARGE
        assert described(address)[1] == done
        assert bytes(memory) == before


@pytest.mark.parametrize(
    "instead", ["rw-p 0 fe:00 7 /lib/one.so", "r-xp 0 00:00 0", "r--p 0 00:00 0", "rw-p 0 00:00 0 [stack]"]
)
def test_nothing_but_memory_without_a_file_is_touched(tmp_path: Path, instead: str) -> None:
    """What belongs to a file or a stack, is code or is only read is left as it is."""
    with in_use() as (_, address):
        span, maps = described(address)[0].split()[0], tmp_path / "maps"
        maps.write_text(f"{span} {instead}\n")
        assert enlarge(maps=maps) == 0
        assert described(address)[1] == 0


def test_what_is_shorter_than_a_large_page_is_left_alone(tmp_path: Path) -> None:
    """Nothing beyond the end of a mapping is asked for: one that holds no whole large page stays as it is."""
    with in_use() as (_, address):
        maps, first = tmp_path / "maps", -(-address // LARGE) * LARGE
        maps.write_text(f"{first + 4096:x}-{first + 2 * LARGE - 4096:x} rw-p 0 00:00 0\n")
        assert enlarge(maps=maps) == 0
        assert described(address)[1] == 0


def test_an_old_kernel_is_left_alone(tmp_path: Path) -> None:
    """Where the kernel tells of no large pages nothing happens."""
    assert enlarge(tmp_path) == 0


def test_a_machine_that_is_set_to_make_none_is_left_alone(tmp_path: Path) -> None:
    """Where whoever runs the machine has switched large pages off none are made."""
    with in_use() as (_, address):
        (tmp_path / "maps").write_text(described(address)[0])
        (tmp_path / "hpage_pmd_size").write_text(f"{LARGE}\n")
        (tmp_path / "enabled").write_text("always madvise [never]\n")
        assert enlarge(tmp_path, tmp_path / "maps") == 0
