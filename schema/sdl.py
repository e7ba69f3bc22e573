"""The subgraph's schema definition, as routers compose it: plain, or with ``@authenticated`` where it is heeded."""

from functools import cache
from typing import Any, TypeVar

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    FieldDefinitionNode,
    ListValueNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    StringValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from schema.catalogue import CATALOGUE
from schema.executable import SDL

_NAME = "authenticated"
_N = TypeVar("_N", bound=Node)


@cache
def definition(*, authenticated: bool = False) -> str:
    """The schema definition.

    Args:
        authenticated: whether entry points and records carry ``@authenticated``, by which a router turns away whoever
            is not signed in. That directive needs a licence in one router, and what a router refuses nobody records,
            so it is asked for and not the rule.
    """
    return print_ast(visit(parse(SDL), _Authenticated())) if authenticated else SDL


class _Authenticated(Visitor):
    """Marks every record type, and every entry point of the directory's own."""

    def enter_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: Any) -> ObjectTypeDefinitionNode | None:
        if node.name.value in CATALOGUE:
            return _with(node)
        if node.name.value == "Query":
            return _with(node, fields=tuple(map(_entry_point, node.fields or ())), mark=False)
        return None

    def leave_directive(self, node: ConstDirectiveNode, *_: Any) -> ConstDirectiveNode | None:
        if node.name.value != "link":
            return None
        return _with(node, arguments=tuple(map(_imported, node.arguments or ())), mark=False)


def _entry_point(field: FieldDefinitionNode) -> FieldDefinitionNode:
    return field if field.name.value.startswith("_") else _with(field)


def _imported(argument: ConstArgumentNode) -> ConstArgumentNode:
    names = argument.value
    if not isinstance(names, ListValueNode):
        return argument
    added = ListValueNode(values=(*names.values, StringValueNode(value=f"@{_NAME}")))
    return _with(argument, value=added, mark=False)


def _with(node: _N, *, mark: bool = True, **changes: Any) -> _N:
    """A copy of a node with changes, and with the directive where it is to be marked."""
    kept = {key: getattr(node, key, None) for key in node.keys}
    if mark:
        directive = ConstDirectiveNode(name=NameNode(value=_NAME), arguments=())
        changes["directives"] = (*(kept["directives"] or ()), directive)
    return type(node)(**{**kept, **changes})
