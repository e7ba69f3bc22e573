"""Which records a relation leads to: the pattern, the classes on the way, and why each may be reached.

An edge is traversable only if it is open from both ends. A care is open when its child opens ``carers``, its carer
opens ``children``, and its own class opens both ends; an involvement when its child opens ``involvements`` and its own
class opens ``child``: from whichever side it is approached. So every route shows the same.
"""

from dataclasses import dataclass, field

from graph.guards import opens, visible
from graph.links import PATTERNS
from graph.scope import Scope, Seen, see, seen_again
from resolvers.tree import Node


@dataclass(frozen=True, slots=True)
class Found:
    """The records that a relation leads to.

    Attributes:
        scope: the text so far, with every name in scope.
        seen: the record.
        conditions: why it may be reached: all must hold.
        sorted_by: the record whose open fields order the list.
        ends: for a care or an involvement, the records at its ends, and the link itself.
    """

    scope: Scope
    seen: Seen
    conditions: list[str]
    sorted_by: Seen
    ends: dict[str, Seen] = field(default_factory=dict)


def root(node: Node, tag: str, source: str, *, mediated: bool) -> Found:
    """Records found by id: nothing leads to them, so only their own class and their child's decide."""
    x = f"x{tag}"
    scope = Scope(("ask", x), source, mediated)
    if node.type == "Involvement":
        scope = scope.match(f"MATCH ({x})-[:OF]->(c{tag}:Child)", f"c{tag}")
        return _involvement(node, tag, scope, None)
    scope, seen = see(scope, node.type, x, f"n{tag}")
    return Found(scope, seen, [visible(node.type, seen.g)], seen)


def related(parent: Node, node: Node, tag: str, seen: Seen) -> Found:
    """Records that a relation of ``seen`` leads to."""
    site = f"{parent.type}.{node.relation}"
    names = {"p": seen.x, "x": f"x{tag}", "r": f"r{tag}", "w": f"w{tag}", "c": f"c{tag}", "v": f"v{tag}"}
    pattern = PATTERNS[parent.type, node.relation]
    bound = [name for letter, name in names.items() if letter != "p" and f"{{{letter}}}" in pattern]
    scope = Scope(seen.names, "", seen.mediated).match("MATCH " + pattern.format(**names), *bound)
    if node.type == "Care":
        return _care(tag, scope, seen)
    if node.type == "Involvement":
        found = _involvement(node, tag, scope, seen if parent.type == "Child" else None)
        back = parent.record.relation[node.relation].back
        if back not in {None, "child"}:
            found.conditions.append(opens(site, found.seen.g, "Involvement", str(back)))
        return found
    conditions: list[str] = []
    order_by = None
    if node.relation == "leadProfessional":
        scope, order_by = see(scope, "Involvement", f"v{tag}", f"n{tag}_via", child=seen)
        conditions = _led_by(order_by)
    scope, record = see(scope, node.type, f"x{tag}", f"n{tag}")
    back = parent.record.relation[node.relation].back
    conditions.append(visible(site, record.g) if back is None else opens(site, record.g, node.type, back))
    return Found(scope, record, conditions, order_by or record)


def _care(tag: str, scope: Scope, near: Seen) -> Found:
    """The link between a child and a carer, approached from either."""
    if near.type == "Child":
        scope, child = seen_again(scope, near, f"c{tag}", f"n{tag}_child")
        scope, carer = see(scope, "Carer", f"w{tag}", f"n{tag}_carer")
        far = opens("Child.carers", carer.g, "Carer", "children")
        sorted_by = carer
    else:
        scope, carer = seen_again(scope, near, f"w{tag}", f"n{tag}_carer")
        scope, child = see(scope, "Child", f"c{tag}", f"n{tag}_child")
        far = opens("Carer.children", child.g, "Child", "carers")
        sorted_by = child
    scope, care = see(scope, "Care", f"r{tag}", f"n{tag}", child=child)
    conditions = [
        opens(f"{near.type} care", care.g, "Care", "child"),
        opens(f"{near.type} care", care.g, "Care", "carer"),
        far,
    ]
    return Found(scope, care, conditions, sorted_by, {"child": child, "carer": carer})


def _involvement(node: Node, tag: str, scope: Scope, child: Seen | None) -> Found:
    """An involvement, approached from its child or from anywhere else."""
    site = f"{node.relation} involvement"
    conditions = []
    if child is None:
        scope, child = see(scope, "Child", f"c{tag}", f"n{tag}_child")
        conditions.append(opens(site, child.g, "Child", "involvements"))
    else:
        scope, child = seen_again(scope, child, f"c{tag}", f"n{tag}_child")
    scope, seen = see(scope, "Involvement", f"x{tag}", f"n{tag}", child=child)
    conditions.append(opens(site, seen.g, "Involvement", "child"))
    if node.relation == "involvements":
        conditions += _filters(node, tag, seen)
    return Found(scope, seen, conditions, seen, {"child": child})


def _filters(node: Node, tag: str, seen: Seen) -> list[str]:
    """The arguments of ``Child.involvements``: a filter reads a field only where it is open."""
    if node.arguments is None:
        return []
    given = f"ask.a.n{tag}"
    by_kind = opens("filter", seen.g, "Involvement", "kind")
    by_until = opens("filter", seen.g, "Involvement", "until")
    current = f"({seen.x}.until IS NULL OR {seen.x}.until > ask.me.today)"
    return [
        f"({given}.kind IS NULL OR ({by_kind} AND {seen.x}.kind = {given}.kind))",
        f"({given}.open IS NULL OR ({by_until} AND {current} = {given}.open))",
    ]


def _led_by(via: Seen) -> list[str]:
    """The involvement through which a lead professional is found."""
    fields = ("child", "practitioner", "lead", "until")
    return [
        *(opens("lead", via.g, "Involvement", name) for name in fields),
        f"{via.x}.lead = true",
        f"({via.x}.until IS NULL OR {via.x}.until > ask.me.today)",
    ]
