package directory.calendar_test

import data.directory.calendar

test_a_day_is_written_year_month_day if {
	every day in ["2026-06-30", "1999-01-01", "2024-02-29", "2026-12-31"] {
		calendar.valid(day)
	}
}

test_nothing_else_is_a_day if {
	mistaken := ["", "2026-6-30", "2026-02-30", "2026-04-31", "2026-13-01", "0001-01-01", "2026-06-30T00:00"]
	every day in array.concat(mistaken, [20260630, null]) {
		not calendar.valid(day)
	}
}

test_today_and_the_past_are_reached if {
	calendar.reached("2026-06-30") with input.today as "2026-06-30"
	calendar.reached("2026-06-29") with input.today as "2026-06-30"
}

test_the_future_is_not_reached if not calendar.reached("2026-07-01") with input.today as "2026-06-30"

test_no_day_is_reached_when_today_is_unknown if {
	not calendar.reached("2026-06-30") with input.today as "today"
	not calendar.reached("2026-06-30") with input as {}
}

test_three_years_back_to_the_day_is_no_longer_within if {
	calendar.within("2023-07-01", 3) with input.today as "2026-06-30"
	not calendar.within("2023-06-30", 3) with input.today as "2026-06-30"
}

test_a_leap_day_is_within_until_the_end_of_february if {
	calendar.within("2024-02-29", 3) with input.today as "2027-02-28"
	not calendar.within("2024-02-29", 3) with input.today as "2027-03-01"
}

test_the_future_is_not_within if not calendar.within("2026-07-01", 3) with input.today as "2026-06-30"
