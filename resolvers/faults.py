"""Faults in the log: what kind and where, never the message, which might quote personal data."""

import traceback


def described(error: BaseException) -> str:
    """An unexpected error as the log may hold it: its type and the lines of code that it passed."""
    return f"{type(error).__qualname__}\n{''.join(traceback.format_tb(error.__traceback__))}"
