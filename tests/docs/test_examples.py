"""Every command of the pages is run, and every question asked, of a running demonstration."""

import json

import pytest
from graphql import parse, validate

from schema.executable import SCHEMA
from schema.operations import OPERATIONS
from tests.commands import run
from tests.docs.conftest import Demo
from tests.docs.examples import ANSWERS, QUESTIONS, Example, blocks, examples
from tests.docs.matching import differences, matches
from tests.docs.pages import Block

EXAMPLES = examples()
COMMANDS = [example for example in EXAMPLES if example.command]
ASKED = [example for example in EXAMPLES if example.query]
NOT_RUN = "not run: "
FAILS = "fails"


@pytest.mark.parametrize("example", COMMANDS, ids=str)
def test_commands_work_as_written(example: Example, running: Demo) -> None:
    """A command works as pasted into a shell in the checkout, and prints what the page shows."""
    if example.block.note.startswith(NOT_RUN):
        pytest.skip(f"{example.block.note}\n{example.command}")
    assert "make " not in example.command, "a target sets up or starts the whole: say above the block why it is not run"
    command = example.command.replace("8080", str(running.port))
    done = run("/bin/sh", "-euc", command, more={"DIRECTORY_DATA": str(running.data)})
    assert done.returncode == (1 if example.block.note == FAILS else 0), done
    assert "Traceback" not in done.stderr
    if example.answer:
        compare(example.answer, done.stderr if example.block.note == FAILS else done.stdout)


@pytest.mark.parametrize("example", ASKED, ids=str)
def test_questions_are_answered_as_shown(example: Example, running: Demo) -> None:
    """A query fits the schema, and the persona that the text names gets the answer that the page shows."""
    assert example.persona, f"{example}: the text above names nobody of the cast"
    assert validate(SCHEMA, parse(example.query)) == []
    response = running.ask(example.persona, example.purpose, example.query, example.variables)
    assert response.status_code == 200, response.text
    assert example.answer, f"{example}: no answer is shown"
    compare(example.answer, response.text)


def compare(shown: Block, real: str) -> None:
    """Hold what a page shows against what is real."""
    if shown.language == "text":
        assert matches(shown.text.strip(), real.strip()), f"{shown}: {real}"
    else:
        assert list(differences(json.loads(shown.text), json.loads(real))) == [], f"{shown}: {real}"


def test_no_answer_is_left_uncompared() -> None:
    """Every answer on a page is compared with a real one, or says why not; a new kind of block is noticed."""
    compared = {(example.answer.page, example.answer.line) for example in EXAMPLES if example.answer}
    loose = [
        str(block)
        for block in blocks()
        if block.language in ANSWERS and (block.page, block.line) not in compared and not block.note.startswith(NOT_RUN)
    ]
    assert loose == []
    assert {block.language for block in blocks()} - QUESTIONS - ANSWERS <= {"", "python"}


def test_what_is_not_run_says_why() -> None:
    """A note above a block gives a reason for not running it, or says that it fails; nothing else is noted."""
    notes = [block.note for block in blocks() if block.note]
    assert [note for note in notes if note != FAILS and not note.removeprefix(NOT_RUN).strip()] == []
    assert [note for note in notes if note != FAILS and not note.startswith(NOT_RUN)] == []


def test_every_planned_operation_is_shown() -> None:
    """Every operation that is planned in advance is on a page, with an answer."""
    asked = {example.query for example in ASKED if example.answer}
    assert {name for name, text in OPERATIONS.items() if text not in asked} == set()
