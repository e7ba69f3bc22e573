"""The shape of the tree: small files, and nothing in them that belongs elsewhere."""

import os
import re
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = (
    *(".py", ".rego", ".md", ".toml", ".txt", ".in", ".yml", ".yaml", ".json", ".graphql", ".html", ".css"),
    *(".js", ".cjs", ".mjs", ".ts"),
)


def files(*suffixes: str, under: str = ".") -> list[Path]:
    """The files of the checkout with these suffixes; folders that begin with a dot hold tools, caches and data."""
    found = []
    for folder, below, names in os.walk(ROOT / under):
        below[:] = sorted(name for name in below if name[0] != "." and name not in {"__pycache__", "node_modules"})
        found += [Path(folder, name) for name in sorted(names) if Path(name).suffix in suffixes]
    return found


def lines(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text("utf-8").splitlines())


def test_no_python_file_is_long() -> None:
    """No Python file has more than 300 lines, and half of them have at most 120."""
    sizes = {str(path): lines(path) for path in files(".py")}
    assert {name: size for name, size in sizes.items() if size > 300} == {}
    assert median(sizes.values()) <= 120


def test_rules_are_short() -> None:
    """Half of the Rego files have at most 40 lines."""
    assert median(lines(path) for path in files(".rego")) <= 40


@pytest.mark.parametrize("path", files(".py", under="tests"), ids=lambda path: path.stem)
def test_every_test_says_what_is_promised(path: Path) -> None:
    """Each test has a docstring of one line, which is what it proves."""
    for found in re.finditer(r"^ *(?:async )?def (test_\w+)\(.*?\).*?:\n(.*)\n", path.read_text("utf-8"), re.MULTILINE):
        assert re.fullmatch(r' +"""\S.*\."""', found[2]), found[1]


def test_every_rule_has_its_test_beside_it() -> None:
    """Each rule has a test file beside it; what tests the invariants is what breaks them (tests/spec)."""
    modules = [path for path in files(".rego", under="policies/directory") if not path.stem.endswith("_test")]
    assert modules
    assert [str(path) for path in modules if not path.with_name(f"{path.stem}_test.rego").exists()] == []


def test_the_tree_speaks_of_itself_alone() -> None:
    """No file names a folder of somebody's machine or the address of a package registry."""
    elsewhere = re.compile(r"/(?:work|root|home)/\w|https?://[\w.-]*(?:pypi|pythonhosted|npmjs|proxy\.golang)[\w.-]*")
    texts = {path: path.read_text("utf-8") for path in files(*TEXTS)}
    assert {str(path): found[0] for path, text in texts.items() if (found := elsewhere.search(text))} == {}
