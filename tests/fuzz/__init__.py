"""Whatever is sent, the gateway answers or refuses, and others are served meanwhile.

``python -m tests.fuzz`` sends random and hostile requests to a whole gateway while well-behaved clients are timed.
"""
