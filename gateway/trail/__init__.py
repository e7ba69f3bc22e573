"""The trail as GraphQL: who saw what, for auditors and account administrators, limited to their own authority.

It is a schema and an endpoint of its own. The directory's schema is composed into partners' graphs, and the trail must
never be; and what answers here is the archive, not the graph.
"""
