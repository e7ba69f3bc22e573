"""The graph and stream servers that a gateway starts for itself, from pip packages alone."""

from gateway.engines.model import EngineError, EngineName, Engines, EngineSet

__all__ = ["EngineError", "EngineName", "EngineSet", "Engines"]
