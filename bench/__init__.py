"""Measured claims. Each command prints figures of one run on one machine; none is part of the tests."""
