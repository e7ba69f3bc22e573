# METADATA
# title: Nobody gains by losing a qualification
# description: |
#   Suspended, untrained, unvetted, without agreement, accreditation, reason, purpose or role: any of these by itself,
#   in every form, and all of them in every combination, refuse everything. What kind of vetting somebody has makes no
#   difference as long as it is in order, nor which of the employers that may give their role.
# custom:
#   requirement: 2007 Government response, arrangements against unauthorised access and misuse
package invariants.qualification

import data.directory.fixtures_test as fixtures
import data.invariants.space

_faults := {
	"/account/suspended": [true, null, "x"],
	"/account/trained_on": ["2026-07-01", null, "x"],
	"/account/vetted_on": ["2023-06-30", "2026-07-01", null, "x"],
	"/account/vetting": ["x", null],
	"/account/agreement_signed_on": ["2026-07-01", null, "x"],
	"/account/organisation/accredited": [false, null, "x"],
	"/account/organisation/closed": [true, null, "x"],
	"/access/reason_given": [false, null, "x"],
	"/access/purpose": ["x", null],
	"/account/roles": [[], ["x"], null],
	"/access/action": ["x", null],
	"/today": ["2019-01-01", null, "x"],
}

_paths := sort(object.keys(_faults))

_each contains [{"op": "remove", "path": path}] if some path in (object.keys(_faults) - {"/access/action"})

_each contains [{"op": "add", "path": path, "value": value}] if {
	some path, values in _faults
	some value in values
}

_each contains _together(number) if some number in numbers.range(1, bits.lsh(1, count(_paths)) - 1)

_together(number) := [{"op": "add", "path": path, "value": _faults[path][0]} |
	some i, path in _paths
	bits.and(number, bits.lsh(1, i)) != 0
]

_fits[role] := [name | some name, entry in data.directory.purposes; role in entry.roles][0] if {
	some role, _ in data.directory.roles
}

# METADATA
# scope: document
# description: |
#   A fault with which somebody is still let in, a difference that should make none, or a role that an employer may not
#   give
broken contains {"role": role, "purpose": purpose, "faults": changes} if {
	some role, purpose in _fits
	some changes in _each
	_enough(role, changes)
	not _refused(json.patch(fixtures.ask([role], purpose, fixtures.every_class), changes))
}

broken contains {"role": role, "purpose": purpose, "difference": {path: value}} if {
	some role, purpose in _fits
	some path, value in _alike(role)
	asked := fixtures.ask([role], purpose, fixtures.every_class)
	not _grants(json.patch(asked, [{"op": "add", "path": path, "value": value}]), space.granted[[role, purpose]])
}

broken contains {"role": role, "purpose": purpose, "employer": kind} if {
	some role, purpose in _fits
	some kind in _never(role)
	asked := fixtures.ask([role], purpose, fixtures.every_class)
	not _refused(json.patch(asked, [{"op": "replace", "path": "/account/organisation/kind", "value": kind}]))
}

_alike(role) := object.union({"/account/vetting": "police", "/today": "2026-07-01"}, _employed_alike(role))

_employed_alike(role) := {} if role in _officers

_employed_alike(role) := {"/account/organisation/kind": "HEALTH_TRUST"} if not role in _officers

_officers := {"data-manager", "management-team", "shielding-officer"}

default _never(_) := []

_never(role) := ["HEALTH_TRUST", "NATIONAL_PARTNER", "SCHOOL_TRUST", "VOLUNTARY", "x", null] if role in _officers

_never(role) := ["NATIONAL_PARTNER", "x", null] if role in {"school-nurse", "social-worker"}

_refused(question) if {
	answer := data.directory.decision.decision with input as question
	answer.refusals != []
	answer == object.union(answer, {"allowed": false, "grants": {}})
}

_grants(question, granted) if {
	answer := data.directory.decision.decision with input as question
	answer.allowed
	answer.grants == granted
}

# Combinations are asked of one role: which one makes no difference to any check but those on roles
_enough(_, changes) if count(changes) == 1

_enough("social-worker", changes) if count(changes) > 1
