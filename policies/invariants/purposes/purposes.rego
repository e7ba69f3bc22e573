# METADATA
# title: Each role acts for its own purposes, all of them and no others
# description: Practice for children's needs, data managers and auditors for their own work
# custom:
#   requirement: design rule, purpose codes against mission creep
package invariants.purposes

import data.directory.fixtures_test as fixtures

_practice := {"identify-needs", "coordinate-services", "early-intervention", "safeguarding"}

_own := {
	"social-worker": _practice,
	"school-nurse": _practice,
	"partner-caseworker": _practice,
	"management-team": (_practice | {"subject-access"}),
	"shielding-officer": _practice - {"early-intervention"},
	"data-manager": {"data-quality", "subject-access"},
	"account-administrator": {"audit-review"},
	"auditor": {"audit-review"},
}

# METADATA
# description: A role that may act for a purpose that is not its own, or may not for one that is
broken contains {"role": role, "purpose": purpose} if {
	some role in (object.keys(data.directory.roles) | object.keys(_own))
	some purpose in (object.keys(data.directory.purposes) | union({theirs | some theirs in _own}))
	not _as_meant(role, purpose)
}

_as_meant(role, purpose) if {
	answer := data.directory.decision.decision with input as fixtures.ask([role], purpose, {})
	answer.allowed == _its(role, purpose)
}

default _its(_, _) := false

_its(role, purpose) if purpose in _own[role]
