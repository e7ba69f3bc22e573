"""The policy authors' workbench: what the policies decide, laid out, proved, attacked, explained and replayed."""
