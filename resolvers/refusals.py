"""Every way to refuse, each with its public code and a sentence that tells a person what to do next."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

from graphql import GraphQLError

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "BAD_REQUEST": "The request could not be read. Send a GraphQL request as JSON by POST, or as a query by GET.",
        "METHOD_NOT_ALLOWED": "Send the request by POST, or as a query by GET.",
        "NOT_ACCEPTABLE": "Accept application/graphql-response+json or application/json, in UTF-8.",
        "MEDIA_TYPE": "Send the body as application/json, in UTF-8 and without compression.",
        "REQUEST_TOO_LARGE": "The request is too long. Shorten the document or its variables.",
        "REQUEST_TOO_SLOW": "The request did not arrive in time. Send it again at once.",
        "PARSE_FAILED": "The document is not GraphQL. Correct it where the error points.",
        "VALIDATION_FAILED": "The document does not fit the schema. Correct it where the error points.",
        "OPERATION_NAME": "Name one operation of the document in operationName.",
        "OPERATION_KIND": "Only queries are answered here. Send a query.",
        "OPERATION_TOO_LARGE": "The operation asks for too much at once. Split it or select fewer fields.",
        "VARIABLES_INVALID": "The variables do not fit the operation. Correct them where the error points.",
        "TOO_MANY_REPRESENTATIONS": "A list of representations is longer than policy allows. Ask in several requests.",
        "IDENTIFIER_TOO_LONG": "No identifier has more than 200 characters. Ask with one that the directory gave.",
        "SEARCH_TOO_LONG": "What is searched by has at most a hundred characters. Give the name or postcode alone.",
        "SEARCH_TOO_VAGUE": "Give a family name with a date of birth or a postcode, or a given name with both.",
        "UNAUTHENTICATED": "Sign in: send a valid bearer token from the directory's issuer.",
        "IDENTITY_UNAVAILABLE": "Your sign-in cannot be checked just now, so nothing is shown. Try again shortly.",
        "ACCOUNT_UNKNOWN": "The directory has no such account. Ask your account administrator to register you.",
        "PERSON_REQUIRED": "A program alone may read nothing here. Send the token of the person who asks.",
        "MEDIATION_INVALID": "The token of the person you ask for is not valid for you now. Ask them for a new code.",
        "MEDIATION_SELF": "You cannot ask on behalf of yourself. Leave out x-on-behalf-of.",
        "MEDIATION_NOT_HERE": "The trail is read for oneself alone. Leave out x-on-behalf-of.",
        "MEDIATED_REFUSED": "The person you ask for may not have this now. If they ask themselves, they learn why.",
        "ACCOUNT_SUSPENDED": "The account is suspended. Speak to your manager or account administrator.",
        "TRAINING_LAPSED": "Complete the mandatory training, then ask your account administrator to record it.",
        "AGREEMENT_MISSING": "Sign the user agreement, then ask your account administrator to record it.",
        "VETTING_LAPSED": "Your enhanced disclosure is missing or three years old. Renew it and have it recorded.",
        "ORGANISATION_NOT_ACCREDITED": "Your organisation is not accredited. Its manager can apply to the authority.",
        "DIRECTORY_CLOSED": "Access is closed in an emergency. Your authority's management team knows when it reopens.",
        "ACTION_NOT_FOR_ROLE": "Your roles may not do this. Ask the management team or an account administrator.",
        "PURPOSE_UNKNOWN": "State a purpose from the list in the header x-access-purpose.",
        "PURPOSE_NOT_FOR_ROLE": "Your roles may not use this purpose. Choose one that fits your work.",
        "PURPOSE_NOT_HERE": "The trail is read for the purpose audit-review alone. State it in x-access-purpose.",
        "SCHEMA_NOT_FOR_ROLE": "Your roles may not read the schema here. Use the published schema/directory.graphql.",
        "REASON_REQUIRED": "State your reason for this access in the header x-access-reason.",
        "NO_ROLE": "The account holds no role here that its organisation may give. Ask your account administrator.",
        "REFUSED": "Policy refuses this access. Ask the management team, with the receipt of this refusal.",
        "ACCOUNT_CHANGED": "Your account changed while you asked. Ask again.",
        "GRAPH_UNAVAILABLE": "The directory's records cannot be reached just now. Try again shortly.",
        "POLICY_CHANGED": "Policy changed while you asked. Ask again.",
        "POLICY_UNAVAILABLE": "No access decision can be made just now, so nothing is shown. Try again shortly.",
        "AUDIT_UNAVAILABLE": "Access cannot be recorded just now, so nothing is shown. Try again shortly.",
        "DEADLINE": "The answer took too long and was given up. Try again, or ask for less at once.",
        "ARCHIVE_UNAVAILABLE": "The archive of the trail cannot be read just now. Try again shortly.",
        "METER_UNAVAILABLE": "Your use cannot be counted just now, so nothing is shown. Try again shortly.",
        "RATE_LIMITED": "You have asked for as much as is allowed in this time. Wait a while, or ask for less.",
        "SHAPE_BUSY": "This form of query is new and the graph is busy with another. Ask again a little later.",
        "OVERLOADED": "The directory is busy. Try again shortly.",
        "INTERNAL": "Something went wrong, and nothing is shown. Try again, or give the operators the receipt.",
    }
)
"""The sentence for each code."""


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The operation is not answered.

    Attributes:
        code: a key of ``SENTENCES``.
        codes: all codes that apply, the first being ``code``.
        errors: GraphQL errors that point into the document, if any.
        retry: after how many seconds to ask again, where that is known.
        recorded: more codes for the record alone: they are about somebody else than who asks.
        receipt: the record of this refusal, once there is one.
    """

    def __init__(
        self,
        *codes: str,
        errors: tuple[GraphQLError, ...] = (),
        retry: int | None = None,
        recorded: tuple[str, ...] = (),
    ) -> None:
        super().__init__(codes[0])
        self.code = codes[0]
        self.codes = codes
        self.errors = errors
        self.retry = retry
        self.recorded = recorded
        self.receipt: str | None = None

    @property
    def sentence(self) -> str:
        """What a person should do next."""
        return SENTENCES[self.code]


class GateRefusal(Refusal):
    """Policy's gate is closed to this account, as far as its facts are known.

    Attributes:
        revision: the policy revision that closes it, where one was asked.
    """

    revision: str | None = None

    def by(self, revision: str) -> Self:
        """The same, closed by a policy revision."""
        self.revision = revision
        return self
