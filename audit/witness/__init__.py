"""A witness: it cosigns a log's checkpoints as long as each continues the one before, and remembers what it signed."""
