"""GraphQL over HTTP: the endpoint, and the two probes beside it."""

from gateway.http.endpoint import Endpoint, graphql_endpoint
from gateway.http.health import live, ready

__all__ = ["Endpoint", "graphql_endpoint", "live", "ready"]
