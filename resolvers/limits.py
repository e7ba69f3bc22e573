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
MAX_PAIRS = 10_000
"""Pairs of fields of a document that answer under one name: validation compares each with each."""
MAX_FRAGMENTS = 100
"""Fragments of a document: validation compares each with each."""
MAX_OPERATIONS = 20
"""Operations of a document, of which one is run."""
MAX_VALUES = 100_000
"""Values of an answer: a record is read once, and written wherever a path leads to it."""
MAX_IDENTIFIER = 200
"""Characters of an identifier."""
MAX_NESTING = 40
"""Depth of an operation once its fragments are spread, each of which counts as a level."""
MAX_NAME = 100
"""Characters of a name or a postcode that is searched by: each word of a name is looked up by itself, with the rest."""
MAX_SEARCHES = 3
"""Searches in one operation: an alias flood walks no dates of birth."""
