"""The synthetic population: a deterministic, wholly invented country of children, and the fixed cast that tests use."""
