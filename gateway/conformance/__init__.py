"""The cast's shielding cases, asked through somebody else's router: does every rule still hold behind it?"""

from gateway.conformance.asking import Router
from gateway.conformance.cases import CASES, Case, Outcome, conforms

__all__ = ["CASES", "Case", "Outcome", "Router", "conforms"]
