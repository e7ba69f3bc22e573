"""The production servers (Neo4j, Open Policy Agent, Redis) started natively, for machines without Docker."""

from gateway.stack.native import EngineStatus, real_engines, stack_down, stack_status, stack_up
from gateway.stack.tools import ensure_tool, missing_tools

__all__ = [
    "EngineStatus",
    "ensure_tool",
    "missing_tools",
    "real_engines",
    "stack_down",
    "stack_status",
    "stack_up",
]
