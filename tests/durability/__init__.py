"""The disk under the audit stream: full, failing, stalled, exchanged for another."""
