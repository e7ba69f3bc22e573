"""The policy engines behind one port: an OPA server, or the same Rego files in process."""
