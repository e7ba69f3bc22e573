# METADATA
# title: Calendar
# description: |
#   Days are ISO 8601 text, which sorts as time does. Today comes with the question: the policy has no clock.
# custom:
#   requirement: design rule, a decision is a pure function of its input
package directory.calendar

_shape := `^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

_impossible := `-(02-30|02-31|04-31|06-31|09-31|11-31)$`

# METADATA
# description: Whether the value is a day, written YYYY-MM-DD
valid(value) if {
	is_string(value)
	regex.match(_shape, value)
	not regex.match(_impossible, value)
}

# METADATA
# description: Whether the day is today or past; a value that is no day has never been reached
reached(value) if {
	valid(value)
	valid(input.today)
	value <= input.today
}

# METADATA
# description: Whether the day is reached and lies less than so many years back
within(value, years) if {
	reached(value)
	end := concat("", [format_int(to_number(substring(value, 0, 4)) + years, 10), substring(value, 4, 6)])
	input.today < end
}
