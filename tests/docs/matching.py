"""Whether an answer is as shown, where … in what is shown stands for anything."""

import re
from collections.abc import Iterator
from typing import Any

REST = "…"


def differences(shown: Any, real: Any, path: str = "$") -> Iterator[str]:
    """Where a real answer is not as shown.

    Alone, … is any value; within a text any part of it; as a key any further keys; at the end of a list any further
    items.
    """
    if shown == REST:
        return
    if isinstance(shown, dict) and isinstance(real, dict):
        yield from _within_object(shown, real, path)
    elif isinstance(shown, list) and isinstance(real, list):
        yield from _within_list(shown, real, path)
    elif isinstance(shown, str) and isinstance(real, str):
        if not matches(shown, real):
            yield f"{path}: {real!r} is not {shown!r}"
    elif shown != real or type(shown) is not type(real):
        yield f"{path}: {real!r} is not {shown!r}"


def matches(shown: str, real: str) -> bool:
    """Whether a text is as shown."""
    return re.fullmatch(".*".join(map(re.escape, shown.split(REST))), real, re.DOTALL) is not None


def _within_object(shown: dict[str, Any], real: dict[str, Any], path: str) -> Iterator[str]:
    named = [key for key in shown if key != REST]
    yield from (f"{path}.{key} is missing" for key in named if key not in real)
    if REST not in shown:
        yield from (f"{path}.{key} is not shown" for key in real if key not in shown)
    for key in named:
        if key in real:
            yield from differences(shown[key], real[key], f"{path}.{key}")


def _within_list(shown: list[Any], real: list[Any], path: str) -> Iterator[str]:
    items = shown[:-1] if shown and shown[-1] == REST else shown
    if len(real) < len(items) or (items is shown and len(real) > len(items)):
        yield f"{path} has {len(real)} items, not {len(items)}"
    for number, (item, found) in enumerate(zip(items, real, strict=False)):
        yield from differences(item, found, f"{path}[{number}]")
