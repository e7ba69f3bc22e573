"""What is taken out on trial: one guard, one attribute, or one condition at a time."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, MappingProxyType, ModuleType
from typing import Any
from unittest.mock import patch

from graph import compile as compiler
from graph import guards, reach, reader, scope, search
from graph.attributes import ATTRIBUTES
from graph.compile import compile_statement
from resolvers import grants
from schema.catalogue import CATALOGUE


@dataclass(frozen=True, order=True)
class Guard:
    """One guard: the kind of condition, where it stands, and the bit that it looks at.

    Attributes:
        kind: "visible", "opens" or "shows".
        site: where in the statement, as the compiler names it; of a path, its last field.
        within: the function of the compiler that asks for it.
        type: the type of the record.
        field: the field, or "" for the record itself.
    """

    kind: str
    site: str
    within: str
    type: str
    field: str

    @property
    def told(self) -> str:
        """The guard as a line of the table."""
        return f"{self.kind} {self.type}{'.' if self.field else ''}{self.field} at {self.site.strip()} ({self.within})"


_MODULES: tuple[ModuleType, ...] = (compiler, reach, search)
_ENDS = {"care": "Care", "involvement": "Involvement", "lead": "Involvement", "search": "Child"}


def _type_at(site: str) -> str:
    """The type of the record whose visibility is guarded at a site."""
    parent, _, relation = site.partition(".")
    if relation:
        return CATALOGUE[parent].relation[relation].target
    return site if site in CATALOGUE else _ENDS[site.rpartition(" ")[2]]


def _within(frame: FrameType | None) -> str:
    names = []
    while frame is not None and frame.f_globals.get("__name__", "").startswith("graph."):
        if not frame.f_code.co_name.startswith("<"):
            names.append(frame.f_code.co_name)
        frame = frame.f_back
    return "/".join(reversed(names[:2] if names[0] == "_open" else names[:1]))


@contextmanager
def _patched(meet: Callable[[Guard, str], str]) -> Iterator[None]:
    """Let ``meet`` have a say in every guard that is compiled."""

    def wrapped(kind: str) -> Callable[..., str]:
        original: Callable[..., str] = getattr(guards, kind)

        def guard(site: str, grant: str, type_name: str = "", field: str = "") -> str:
            place = site.rpartition(".")[2] if kind == "shows" or site.endswith(" order") else site
            found = Guard(kind, place, _within(sys._getframe(1)), type_name or _type_at(site), field)
            bits = (type_name, field) if type_name else ()
            return meet(found, original(site, grant, *bits))

        return guard

    compile_statement.cache_clear()
    places = [(module, kind) for module in _MODULES for kind in ("visible", "opens", "shows") if hasattr(module, kind)]
    undo = [(module, kind, getattr(module, kind)) for module, kind in places]
    for module, kind in places:
        setattr(module, kind, wrapped(kind))
    try:
        yield
    finally:
        for module, kind, original in undo:
            setattr(module, kind, original)
        compile_statement.cache_clear()


@contextmanager
def noted(into: set[Guard]) -> Iterator[None]:
    """Note every guard that is compiled meanwhile."""

    def note(guard: Guard, text: str) -> str:
        into.add(guard)
        return text

    with _patched(note):
        yield


@contextmanager
def without(gone: Guard) -> Iterator[None]:
    """Compile statements without one guard."""
    with _patched(lambda guard, text: "true" if guard == gone else text):
        yield


@contextmanager
def with_attribute(type_name: str, attribute: str, expression: str) -> Iterator[None]:
    """Compile statements with another expression for an attribute."""
    changed = MappingProxyType({**ATTRIBUTES, (type_name, attribute): expression})
    compile_statement.cache_clear()
    with patch.object(scope, "ATTRIBUTES", changed):
        yield
    compile_statement.cache_clear()


@contextmanager
def with_text(pattern: str, replacement: str) -> Iterator[None]:
    """Read with statements in which a pattern is replaced."""

    def compiled(*given: Any) -> str:
        return re.sub(pattern, replacement, compile_statement(*given))

    with patch.object(reader, "compile_statement", compiled):
        yield


@contextmanager
def searching_freely(field: str) -> Iterator[None]:
    """Let a search match a field wherever it is open, whether or not it may be searched."""
    kept: Mapping[str, str] = {name: as_ for name, as_ in grants._SEARCHED.items() if name != field}
    with patch.object(grants, "_SEARCHED", kept):
        yield
