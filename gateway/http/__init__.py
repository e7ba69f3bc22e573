"""GraphQL over HTTP: the endpoint, and the two probes beside it."""

from gateway.http.endpoint import graphql_endpoint
from gateway.http.health import live, ready

__all__ = ["graphql_endpoint", "live", "ready"]
