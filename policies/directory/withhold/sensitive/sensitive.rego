# METADATA
# title: Sensitive services
# description: |
#   That a child receives a sensitive service is shown; who provides it is not, and contact is brokered.
#   The practitioner who provides it, and the child's authority's management team, see it whole.
# custom:
#   code: SENSITIVE
#   requirement: 2007 regulations, regulation 6 and Part 4, sexual health, mental health and substance abuse
package directory.withhold.sensitive

import data.directory.classes
import data.directory.clearance

# METADATA
# description: For each class, the fields that would name a sensitive service or its basis
withheld[ref] := {} if some ref in _passes

withheld[ref] := _closed[classes.known[ref]] if {
	some ref, _ in classes.sound
	not ref in _passes
}

_passes contains ref if {
	some ref, attributes in classes.sound
	not attributes.kind
}

_passes contains ref if {
	some ref, attributes in classes.sound
	attributes.kind in data.directory.sensitivity.ordinary
}

_passes contains ref if {
	some ref, attributes in classes.sound
	attributes.own == "true"
}

_passes contains ref if some ref in clearance.covers.sensitive

_closed[type] := {field: "SENSITIVE" |
	some field, _ in definition.fields
	not field in shown
} if {
	some type, definition in data.directory.vocabulary.types
	shown := object.get(data.directory.sensitivity.sensitive_open, type, [])
}
