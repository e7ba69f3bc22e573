"""Gateway, stream and archiver killed at random moments under load: every answer must be in the archive, once."""
