"""How long to search: quickly in every run, or for long where ``DIRECTORY_GENERATE`` says how many examples."""

import os

from hypothesis import HealthCheck, settings

_LONG = os.environ.get("DIRECTORY_GENERATE")


def examples(quick: int) -> settings:
    """Settings for a test that tries ``quick`` examples, always the same, unless more are asked for."""
    return settings(
        max_examples=int(_LONG) if _LONG else quick,
        derandomize=not _LONG,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
