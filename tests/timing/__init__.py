"""How long an answer takes, and what that tells of what it does not say.

``python -m tests.timing`` asks a whole gateway over HTTP and compares the times.
"""
