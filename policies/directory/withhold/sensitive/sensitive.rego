# METADATA
# title: Sensitive services
# description: |
#   That a child receives a sensitive service is shown; who provides it is not, and contact is brokered.
#   The practitioner who provides it, and the child's authority's management team, see it whole;
#   of a protected child the team sees it only for what lifts a shield.
# custom:
#   code: SENSITIVE
#   requirement: 2007 regulations, regulation 6 and Part 4, sexual health, mental health and substance abuse
package directory.withhold.sensitive

import data.directory.clearance

# METADATA
# scope: document
# description: The fields of a class that would name a sensitive service or its basis
withheld(class) := {} if _passes(class.attributes)

withheld(class) := _closed[class.type] if not _passes(class.attributes)

_passes(attributes) if not attributes.kind

_passes(attributes) if attributes.kind in data.directory.sensitivity.ordinary

_passes(attributes) if attributes.own == "true"

_passes(attributes) if {
	clearance.covers("sensitive", attributes)
	not _hidden(attributes)
}

# Whoever may not know where a protected family is learns no provider either: it would place them as well as a school
_hidden(attributes) if {
	attributes.shielding == "protected"
	not clearance.covers("shielding", attributes)
}

_closed[type] := {field: "SENSITIVE" |
	some field, _ in definition.fields
	not field in shown
} if {
	some type, definition in data.directory.vocabulary.types
	shown := object.get(data.directory.sensitivity.sensitive_open, type, [])
}
