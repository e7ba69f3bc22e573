"""Evidence: what was shown to whom, appended durably before the answer leaves."""
