import pytest
from django.utils import translation

from campaigns.quizzes import questions, written
from campaigns.quizzes.forms import QuizForm
from campaigns.quizzes.written import NotWritten


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


TEXT = """\
Which milk is fresh?
* this one
- that one
! It was brought
  this morning.

What do cows eat?
@ 30
* grass
* hay
- milk

\\* Which star is it?
+ the sun
- the moon"""

READ = [
    {
        "text": "Which milk is fresh?",
        "choices": ["this one", "that one"],
        "answer": 0,
        "explanation": "It was brought\nthis morning.",
    },
    {"text": "What do cows eat?", "choices": ["grass", "hay", "milk"], "answer": [0, 1], "at": 30},
    {"text": "* Which star is it?", "choices": ["the sun", "the moon"], "answer": [0]},
]


def test_questions_are_read_as_they_are_written():
    assert written.read(TEXT) == READ
    assert written.write(READ) == TEXT


def test_empty_lines_between_questions_may_be_left_out():
    assert written.read(TEXT.replace("\n\n", "\n")) == READ


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("- a\n- b", 1, "A question comes first"),
        ("\nWho?\n* a", 2, "two choices or more"),
        ("Who?\n- a\n- b", 1, "no right choice"),
        ("Who?\nWhat?\n* a\n- b", 1, "no choices"),
        ("Who?\n* a\n-\n- b", 3, "nothing after the mark"),
        ("Who?\n* a\n- b\n@ soon", 4, "second of the video"),
        ("Who?\n* a\n- b\n@ 99999", 4, "second of the video"),
        ("Who?\n* a\n- b\n! so\n! and so", 5, "already"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(text, line, words):
    with pytest.raises(NotWritten) as caught:
        written.read(text)
    assert caught.value.line == line
    assert words in str(caught.value.words)


FILLED = {"questions": TEXT.replace("@ 30\n", ""), "pass": "2"}


def test_the_form_gathers_the_configuration():
    form = QuizForm(FILLED | {"draw": "2", "draw_per": "period", "shuffle": "on", "seconds": "60", "attempts": "3"})
    assert form.is_valid(), form.errors
    config = form.config()
    assert len(config.pop("questions")) == 3
    assert config == {"pass": 2, "draw": 2, "draw_per": "period", "shuffle": True, "seconds": 60, "attempts": 3}


def test_a_video_is_one_field():
    form = QuizForm({"questions": "Who?\n@ 3\n* a\n- b", "pass": "1", "video": "/film.mp4"})
    assert form.is_valid(), form.errors
    assert form.config()["video"] == {"url": "/film.mp4"}
    assert QuizForm.initial_of(form.config())["video"] == "/film.mp4"


def test_the_form_says_which_line_is_wrong():
    form = QuizForm({"questions": "Who?\n- a\n- b", "pass": "1"})
    assert form.errors["questions"] == ["Line 1: This question has no right choice: begin its line with *."]


def test_what_is_there_is_shown_as_text_and_saved_as_it_was():
    config = {"questions": READ[:1] + READ[2:], "pass": 2}
    assert questions.faults(config["questions"], video=False) == []
    shown = QuizForm(initial=QuizForm.initial_of(config))
    text = shown["questions"].value()
    assert text.startswith("Which milk is fresh?\n* this one")
    assert shown["least_seconds"].value() is None
    assert QuizForm({"questions": text, "pass": "2"}).is_valid()
    again = QuizForm({"questions": text, "pass": "2"})
    assert again.is_valid()
    assert again.config() == config


def test_a_new_quiz_is_not_handed_in_within_a_second():
    assert QuizForm(initial=QuizForm.initial_of({}))["least_seconds"].value() == 1
