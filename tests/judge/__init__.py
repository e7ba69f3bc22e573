"""The judge: a second, deliberately simple pipeline over a small graph in memory, against which the real one is held.

It shares nothing with the real pipeline but the schema, the vocabulary of grants and the codes of names: it walks the
document with graphql-core's executor, asks about each record by itself, and hides in Python what is not open.
"""
