"""The documentation is true: what it shows is run, asked and compared with a running demonstration."""
