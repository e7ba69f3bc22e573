# METADATA
# title: Decision
# description: The directory's one question to its policy
# custom:
#   requirement: design rule, one decision for one operation
package directory.decision

import data.directory.capacity
import data.directory.gate
import data.directory.grant

# METADATA
# title: Decision
# description: |
#   Whether the person may act (`allowed`), if not why (`refusals`), in which roles, for which purpose and whether
#   the schema may be read (`capacity`), and for each class what is visible, open, withheld and why, searchable, and
#   whom to call (`grants`).
# entrypoint: true
decision := {
	"allowed": true,
	"refusals": [],
	"capacity": {"roles": sort(capacity.roles), "purpose": capacity.purpose, "schema": capacity.reads_schema},
	"grants": grant.entries,
} if {
	gate.passes
}

decision := {
	"allowed": false,
	"refusals": sort(gate.refusals),
	"capacity": {"roles": [], "purpose": capacity.purpose, "schema": false},
	"grants": {},
} if {
	not gate.passes
}
