"""Hashes and proofs of the Merkle tree, and the tiles that keep it."""

import base64
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import merkle
from audit.merkle import EMPTY, consistent, included, leaf_hash, node_hash
from audit.tiles import TileError, Tiles, bundled, path, paths, unbundled
from tests.logs import Log, numbered
from tests.verifier import verify

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [  # of none and of the first 1, 2, … of these leaves, as every implementation of RFC 6962 is tested with
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
sizes = st.one_of(st.integers(1, 40), st.integers(250, 262), st.integers(60_000, 70_000))
kept = cache(Log)


def naive(hashes: Sequence[bytes]) -> bytes:
    """A root by the definition of RFC 6962, without any cleverness."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else EMPTY
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return node_hash(naive(hashes[:middle]), naive(hashes[middle:]))


def spoilt(data: st.DataObject, proof: Sequence[bytes]) -> list[list[bytes]]:
    """A proof with a hash too many, and with one changed, missing or cut."""
    wrong = [[*proof, EMPTY]]
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        before, after = proof[:place], proof[place + 1 :]
        wrong += [[*before, *between, *after] for between in ([leaf_hash(proof[place])], [], [proof[place][:-1]])]
    return wrong


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots(size: int) -> None:
    """The trees that implementations of RFC 6962 are tested with have the roots that they should have."""
    assert Log([bytes.fromhex(leaf) for leaf in LEAVES[:size]]).root().hex() == ROOTS[size]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 600), st.integers(1, 300))
def test_a_log_grown_in_steps_is_that_of_one_step(size: int, step: int) -> None:
    """However a log is filled, every file that its size asks for is there and equal, and its root is the naive one."""
    whole, grown = Log(size), Log(size, step)
    assert set(whole.files) == set(paths(size))
    assert {name: grown.files[name] for name in whole.files} == whole.files
    assert whole.root() == naive([leaf_hash(leaf) for leaf in numbered(size)])


@settings(max_examples=60, deadline=None)
@given(st.data(), sizes)
def test_inclusion_is_shown_and_nothing_else(data: st.DataObject, size: int) -> None:
    """A leaf's proof verifies, and not with another leaf, index, size or root, or a changed, missing or added hash."""
    log = kept(size)
    index = data.draw(st.integers(0, size - 1))
    leaf, root, proof = leaf_hash(str(index).encode()), log.root(), merkle.inclusion(index, size, log.tiles.node)
    assert included(leaf, index, size, proof, root)
    assert not included(leaf_hash(b"other"), index, size, proof, root)
    assert not included(leaf, index, size, proof, EMPTY)
    assert not included(leaf, size, size, proof, root)
    assert not included(leaf, index, size * 4, proof, root)
    assert not any(included(leaf, other, size, proof, root) for other in {index - 1, index + 1, index ^ 2} - {index})
    assert not any(included(leaf, index, size, wrong, root) for wrong in spoilt(data, proof))


@settings(max_examples=60, deadline=None)
@given(st.data(), sizes)
def test_consistency_is_shown_and_nothing_else(data: st.DataObject, size: int) -> None:
    """A beginning's proof verifies, and not with another root or size, or a changed, missing or added hash."""
    log = kept(size)
    old = data.draw(st.integers(1, size))
    before, root, proof = log.root(old), log.root(), log.consistency(old)
    assert consistent(old, size, proof, before, root)
    assert not consistent(old, size, proof, leaf_hash(before), root)
    assert not consistent(old, size, proof, before, leaf_hash(root))
    assert not consistent(size + 1, size, proof, before, root)
    assert not any(consistent(old, size, wrong, before, root) for wrong in spoilt(data, proof))


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_an_earlier_tree_is_read_from_what_it_grew_to(data: st.DataObject) -> None:
    """Once partial tiles are gone, the earlier tree's root, proofs and leaves are read from the full ones."""
    log = Log(700, 1)
    log.files = {name: content for name, content in log.files.items() if name.partition(".p/")[0] not in log.files}
    log.files |= Log(700).files
    size = data.draw(st.integers(1, 512))
    earlier = Tiles(log.load, size)
    assert merkle.root(size, earlier.node) == kept(size).root()
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(index, size, earlier.node)
    assert included(leaf_hash(str(index).encode()), index, size, proof, kept(size).root())
    assert earlier.bundle(index // 256) == kept(size).tiles.bundle(index // 256)


def test_the_empty_log_is_the_beginning_of_every_log() -> None:
    """From nothing, the proof is empty, and the old root must be that of nothing."""
    log = Log(3)
    assert log.consistency(0) == []
    assert consistent(0, 3, [], EMPTY, log.root())
    assert not consistent(0, 3, [], log.root(), log.root())
    assert not consistent(0, 3, [EMPTY], EMPTY, log.root())
    assert not consistent(2, 3, [], log.root(2), log.root())
    for ask in (merkle.inclusion, merkle.consistency):
        with pytest.raises(ValueError, match=r"leaf 4|beginning of 4"):
            ask(4, 3, log.tiles.node)


def test_go_agrees() -> None:
    """Roots, proofs and tiles are those of the Go project's transparency log, byte for byte."""
    asked = (1, 2, 3, 7, 8, 13, 255, 256, 257, 600)
    given_lines = "".join(f"{_base64(leaf)}\n" for leaf in numbered(max(asked)))
    done = verify("tree", *map(str, asked), given=given_lines.encode())
    assert done.returncode == 0, done.stderr
    said: list[dict[str, Any]] = json.loads(done.stdout)
    assert [shape["size"] for shape in said] == list(asked)
    for shape in said:
        log = kept(shape["size"])
        assert shape["root"] == _base64(log.root())
        for index in {0, log.size // 3, log.size // 2, log.size - 1}:
            assert (shape["inclusion"][index] or []) == _all(merkle.inclusion(index, log.size, log.tiles.node))
            assert (shape["consistency"][index] or []) == _all(log.consistency(index + 1))
        tiles = {name: _base64(data) for name, data in log.files.items() if "entries" not in name}
        assert tiles == {name.replace("tile/8/", "tile/"): data for name, data in shape["tiles"].items()}


def test_files_are_where_the_layout_says() -> None:
    """Tiles and bundles lie where C2SP tlog-tiles has them; a log of 70,000 leaves has those of its example."""
    assert path(0, 1234067, 256) == "tile/0/x001/x234/067"
    assert path("entries", 0, 5) == "tile/entries/000.p/5"
    names = set(paths(70_000))
    assert {name for name in names if ".p/" in name} == {
        "tile/0/273.p/112",
        "tile/entries/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    }
    assert len(names) == 274 + 274 + 2 + 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("tile/0/000.p/5", None, "missing"),
        ("tile/0/000.p/5", b"short", "as long"),
        ("tile/entries/000.p/5", None, "missing"),
        ("tile/entries/000.p/5", b"\0\1x", "as many leaves"),
        ("tile/entries/000.p/5", b"\0\1x\0\1y\0\1z\0\1a\0\2b", "as many leaves"),
        ("tile/entries/000.p/5", b"\0\1x\0\1y\0\1z\0\1a\0\1b\0", "as many leaves"),
    ],
)
def test_a_damaged_log_does_not_grow(name: str, data: bytes | None, said: str) -> None:
    """A tile or bundle that is missing, too short or too long stops the log, and is named."""
    log = Log(5)
    log.files.pop(name)
    if data is not None:
        log.files[name] = data
    with pytest.raises(TileError, match=said) as told:
        log.append([b"5"])
    assert told.value.path == name


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_hold_their_leaves(leaves: list[bytes]) -> None:
    """What was bundled comes out again."""
    assert unbundled(bundled(leaves)) == leaves


def _all(proof: Sequence[bytes]) -> list[str]:
    return [_base64(each) for each in proof]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
