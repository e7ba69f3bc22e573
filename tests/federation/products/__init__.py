"""The compatibility suite's fixed ``products`` schema, served by the directory's HTTP layer and federation code."""
