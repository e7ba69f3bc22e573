"""The policy authors' workbench: what it shows is what the policies decide, and no mistake gets past it."""
