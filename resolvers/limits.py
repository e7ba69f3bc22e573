"""Bounds of one operation. They are constants: a limit that followed the data would betray it."""

LIST_LIMIT = 500
"""The longest list of records behind one relation, after the guard."""
MAX_DEPTH = 3
"""Relations in depth within one statement; planning time grows steeply with it (2, 6, 39 s at 3, 5, 7 on Neo4j)."""
MAX_NODES = 16
"""Records in the tree of one statement."""
MAX_DOCUMENT = 100_000
"""Characters of a document."""
MAX_TOKENS = 4_000
"""Lexical tokens of a document."""
MAX_FIELDS = 2_000
"""Fields of an operation once its fragments are spread."""
MAX_NESTING = 40
"""Depth of an operation once its fragments are spread, each of which counts as a level."""
MAX_NAME = 100
"""Characters of a name that is searched by: each of its words is looked up in the index by itself."""
MAX_SEARCHES = 3
"""Searches in one operation: an alias flood walks no dates of birth."""
