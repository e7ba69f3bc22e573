"""The edge: settings, HTTP, identity, policy adapters, engines and the command line."""
