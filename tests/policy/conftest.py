"""The pinned tools, and copies of the policies to make mistakes in."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.engines.model import EngineError
from gateway.workbench.opa import Opa, pinned_opa
from tests.conftest import POLICIES

Edit = Callable[[str, str, str], None]
"""In a file of the copy, write one text for another."""


@pytest.fixture(name="opa", scope="session")
def _opa() -> Opa:
    try:
        return pinned_opa(print)
    except EngineError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOT CHECKED, the workbench needs OPA: {error}")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    """A copy of the policies."""
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


@pytest.fixture(name="edit")
def _edit(folder: Path) -> Edit:
    def edit(name: str, old: str, new: str) -> None:
        path = folder / name
        text = path.read_text("utf-8")
        assert text.count(old) >= 1, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit
