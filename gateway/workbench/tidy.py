"""Policies as they should look: formatted, linted and compiled strictly, by the programs that editors use too."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from gateway.policy.files import PolicyError
from gateway.settings import ROOT
from gateway.stack.tools import Progress, ensure_tool


def tidy(policies: Path, progress: Progress, *, write: bool) -> list[Path]:
    """Format, lint and compile policies.

    Args:
        policies: the policy folder.
        progress: receives a line where a program is fetched.
        write: whether to write what is not formatted; else that is an error.

    Returns:
        The files that were formatted.

    Raises:
        EngineError: a program cannot be had.
        PolicyError: something is left to mend.
    """
    opa, regal = ensure_tool("opa", progress), ensure_tool("regal", progress)
    untidy = _said([opa, "fmt", "--list", "."], policies).splitlines()
    if untidy and not write:
        raise PolicyError(f"These are not formatted: {', '.join(untidy)}. Format them: directory policy tidy.")
    _said([opa, "fmt", "--write", "."], policies)
    _said([opa, "check", "--strict", "--capabilities", "capabilities.json", "directory"], policies)
    _said([regal, "lint", "--config-file", ROOT / ".regal" / "config.yaml", "."], policies)
    return [policies / name for name in untidy]


def _said(command: Sequence[str | Path], folder: Path) -> str:
    """What a program says.

    Raises:
        PolicyError: it finds something.
    """
    done = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - the pinned programs and our own words
    if done.returncode:
        raise PolicyError(f"{(done.stdout + done.stderr).strip()}\nMend that, then try again.")
    return done.stdout
