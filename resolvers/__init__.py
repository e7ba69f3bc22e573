"""The core: operation, plan, decision, read, record, answer. It knows no driver and no HTTP."""
