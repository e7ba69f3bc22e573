"""The HTTP status of each refusal, in one table that docs/errors.md explains and a test holds complete."""

from collections.abc import Mapping
from types import MappingProxyType

STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "BAD_REQUEST": 400,
        "METHOD_NOT_ALLOWED": 405,
        "NOT_ACCEPTABLE": 406,
        "MEDIA_TYPE": 415,
        "REQUEST_TOO_LARGE": 413,
        "REQUEST_TOO_SLOW": 408,
        "PARSE_FAILED": 400,
        "VALIDATION_FAILED": 400,
        "OPERATION_NAME": 400,
        "OPERATION_KIND": 400,
        "OPERATION_TOO_LARGE": 400,
        "VARIABLES_INVALID": 400,
        "TOO_MANY_REPRESENTATIONS": 400,
        "IDENTIFIER_TOO_LONG": 400,
        "SEARCH_TOO_LONG": 400,
        "SEARCH_TOO_VAGUE": 400,
        "UNAUTHENTICATED": 401,
        "ACCOUNT_UNKNOWN": 403,
        "PERSON_REQUIRED": 403,
        "MEDIATION_INVALID": 403,
        "MEDIATION_SELF": 403,
        "MEDIATED_REFUSED": 403,
        "ACCOUNT_SUSPENDED": 403,
        "TRAINING_LAPSED": 403,
        "AGREEMENT_MISSING": 403,
        "VETTING_LAPSED": 403,
        "ORGANISATION_NOT_ACCREDITED": 403,
        "DIRECTORY_CLOSED": 403,
        "ACTION_NOT_FOR_ROLE": 403,
        "PURPOSE_UNKNOWN": 403,
        "PURPOSE_NOT_FOR_ROLE": 403,
        "REASON_REQUIRED": 403,
        "PURPOSE_NOT_HERE": 403,
        "MEDIATION_NOT_HERE": 403,
        "SCHEMA_NOT_FOR_ROLE": 403,
        "NO_ROLE": 403,
        "REFUSED": 403,
        "ACCOUNT_CHANGED": 503,
        "IDENTITY_UNAVAILABLE": 503,
        "GRAPH_UNAVAILABLE": 503,
        "POLICY_CHANGED": 503,
        "POLICY_UNAVAILABLE": 503,
        "AUDIT_UNAVAILABLE": 503,
        "DEADLINE": 503,
        "ARCHIVE_UNAVAILABLE": 503,
        "METER_UNAVAILABLE": 503,
        "RATE_LIMITED": 429,
        "SHAPE_BUSY": 429,
        "OVERLOADED": 503,
        "INTERNAL": 500,
    }
)
"""The status of each code.

503 is the directory's own state and may pass, so it always comes with ``Retry-After``. DEADLINE is no 504: the time
that ran out is the gateway's, not that of a server behind it. OVERLOADED is no 429: it says that the directory is
busy, not that one client asked too often.
"""

REQUEST_ERRORS = frozenset(
    {
        "PARSE_FAILED",
        "VALIDATION_FAILED",
        "OPERATION_NAME",
        "OPERATION_KIND",
        "OPERATION_TOO_LARGE",
        "VARIABLES_INVALID",
        "TOO_MANY_REPRESENTATIONS",
        "IDENTIFIER_TOO_LONG",
        "SEARCH_TOO_LONG",
        "SEARCH_TOO_VAGUE",
    }
)
"""What is wrong with the GraphQL inside a well-formed request: 200 where the response is ``application/json``.

Source: GraphQL over HTTP, "Status Codes": a client cannot tell who sent an ``application/json`` with another status.
"""


def status_of(code: str, *, legacy: bool, safe_method: bool) -> int:
    """The status of a refusal.

    Args:
        code: a key of ``STATUSES``; an unknown one is treated as INTERNAL.
        legacy: whether the response is ``application/json``.
        safe_method: whether the request came by GET, by which nothing but a query may run.
    """
    if code == "OPERATION_KIND" and safe_method:
        return 405
    if legacy and code in REQUEST_ERRORS:
        return 200
    return STATUSES.get(code, STATUSES["INTERNAL"])
