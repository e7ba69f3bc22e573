"""The guard proof: take out each guard of the read on its own, and see that the judge notices.

``python -m tests.guards`` prints every guard with the operation that notices its absence, and the score;
``python -m tests.guards real`` does so on Neo4j.
"""
