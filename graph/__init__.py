"""Plan to Cypher: the guarded read, its attributes, and the graph's constraints."""
