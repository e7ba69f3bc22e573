"""What a search is taken to have been given."""

import pytest
from graphql.execution.values import VariableValues

from resolvers.document import Documents
from resolvers.model import SearchRules
from resolvers.plan import Plans
from resolvers.read import check_bounds, inputs_of
from resolvers.refusals import Refusal

RULES = SearchRules((frozenset({"familyName", "dateOfBirth"}),), 5)


def given(family: str) -> object:
    """What a search by a given name, a date and this family name starts from."""
    by = f'{{familyName: "{family}", givenName: "Ann", dateOfBirth: "2010-03-04"}}'
    operation = Documents().operation(f"{{ findChildren(by: {by}) {{ tooMany }} }}", None)
    nothing = VariableValues({}, {})
    plan = Plans().plan(operation, nothing)
    check_bounds(plan, plan.given(nothing), 100)
    return inputs_of(plan, plan.given(nothing), RULES)[0]


@pytest.mark.parametrize("family", ["a" * 101, "a " * 51])
def test_a_name_that_is_too_long_is_refused(family: str) -> None:
    """A name has a hundred characters at most, so that no search looks up thousands of words."""
    with pytest.raises(Refusal) as refused:
        given(family)
    assert refused.value.code == "SEARCH_TOO_LONG"
    assert given(family[:100])


def test_a_name_counts_as_given() -> None:
    """A family name with a letter in it is searched by."""
    assert given("O'Brien") == {"familyName": "O'Brien", "givenName": "Ann", "dateOfBirth": "2010-03-04"}


@pytest.mark.parametrize("family", ["-", " ", "12", "ﹰ"])
def test_a_name_without_a_letter_counts_as_not_given(family: str) -> None:
    """What would match everybody cannot make up a combination that policy asks for."""
    with pytest.raises(Refusal) as refused:
        given(family)
    assert refused.value.code == "SEARCH_TOO_VAGUE"
