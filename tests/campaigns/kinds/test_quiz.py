from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from campaigns.kinds.face import Standing
from campaigns.kinds.quiz import KIND
from campaigns.quizzes import sheets
from campaigns.refusals import Refused
from tests.campaigns.kinds import pure
from tests.campaigns.kinds.pure import NOW, first_of, task_of, turn_of
from tests.campaigns.story import name_of, play, stories

QUESTIONS = [
    {"text": "Which milk is fresh?", "choices": ["this", "that"], "answer": 0, "explanation": "It is from today."},
    {"text": "What do cows eat?", "choices": ["grass", "hay", "milk"], "answer": [0, 1]},
]
VIDEO = {"url": "/film.mp4"}


@pytest.mark.parametrize("story", pure.stories("quiz"), ids=lambda story: story["name"])
def test_stories(story):
    pure.play(story, KIND, "quiz")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"draw": 3}, "draw"),
        ({"draw": 0}, "draw"),
        ({"draw": 1, "pass": 2}, "pass"),
        ({"draw_per": "attempt"}, "draw_per"),
        ({"draw": 2, "draw_per": "week"}, "draw_per"),
        ({"shuffle": "yes"}, "shuffle"),
        ({"seconds": 4}, "seconds"),
        ({"seconds": 10, "least_seconds": 10}, "least_seconds"),
        ({"attempts": 0}, "attempts"),
        ({"video": {"url": "http://films.example/a.mp4"}}, "video.url"),
        ({"video": {"url": "//films.example/a.mp4"}}, "video.url"),
        ({"video": VIDEO}, "questions[0].at"),
        ({"questions": [{**QUESTIONS[0], "at": 3}], "pass": 1}, "questions[0].at"),
        ({"questions": [{**QUESTIONS[0], "at": 30}], "pass": 1, "video": VIDEO, "seconds": 30}, "seconds"),
        ({"questions": [{**QUESTIONS[0], "answer": []}], "pass": 1}, "questions[0].answer"),
        ({"questions": [{**QUESTIONS[0], "answer": [0, 0]}], "pass": 1}, "questions[0].answer"),
        ({"questions": [{**QUESTIONS[0], "answer": [2]}], "pass": 1}, "questions[0].answer"),
        ({"questions": [{**QUESTIONS[0], "explanation": ""}], "pass": 1}, "questions[0].explanation"),
        ({"answers": [0]}, "answers"),
    ],
)
def test_a_faulty_setting_is_named(changes, path):
    assert path in [fault.path for fault in KIND.faults({"questions": QUESTIONS, "pass": 2} | changes)]


def test_every_sample_is_as_likely_as_any_other():
    """Of four things, two in an order: all twelve come of the twelve ways in which chance can fall."""
    drawn = [
        tuple(sheets.sample(range(4), 2, first_of(count(), (first, second))))
        for first in range(4)
        for second in range(3)
    ]
    assert len(set(drawn)) == 12


def test_what_is_sent_to_a_page_holds_no_answer_before_the_quiz_is_handed_in():
    task = task_of("quiz", {"questions": QUESTIONS, "pass": 2, "seconds": 60})
    begun = KIND.begin(task.config, Standing("once"), turn_of(task))
    standing = Standing("once", begun.count, begun.data)
    page = KIND.page(task.config, standing, turn_of(task))
    for sent in (str(begun.result), str(page["questions"]), str(page["review"])):
        assert "answer" not in sent
        assert "from today" not in sent
    assert page["review"] == []


def test_the_page_tells_the_answers_when_the_quiz_is_passed():
    task = task_of("quiz", {"questions": QUESTIONS, "pass": 2})
    moved = KIND.move(task.config, Standing("once"), {"answers": [0, [0, 1]]}, turn_of(task))
    page = KIND.page(task.config, Standing("once", moved.count, moved.data), turn_of(task))
    assert [each["explanation"] for each in page["review"]] == ["It is from today.", ""]


def test_questions_that_a_revision_changed_give_the_attempt_back():
    config = {"questions": QUESTIONS, "pass": 2, "seconds": 60, "attempts": 1}
    task = task_of("quiz", config)
    begun = KIND.begin(config, Standing("once"), turn_of(task))
    standing = Standing("once", begun.count, begun.data)
    reworded = config | {"questions": [QUESTIONS[0], {**QUESTIONS[1], "text": "And what do cows drink?"}]}
    turn = replace(turn_of(task_of("quiz", reworded)), now=NOW + timedelta(seconds=9))
    with pytest.raises(Refused, match="quiz_changed"):
        KIND.move(reworded, standing, {"sheet": begun.data["sheet"]["id"], "answers": [0, [0]]}, turn)
    assert KIND.begin(reworded, standing, turn).data["attempts"] == 1
    fewer = config | {"questions": QUESTIONS[:1], "pass": 1}
    assert KIND.page(fewer, standing, turn)["sheet"] is None


def test_the_last_attempt_is_not_reviewed_by_other_questions_than_were_asked():
    config = {"questions": QUESTIONS, "pass": 2, "draw": 2}
    begun = KIND.begin(config, Standing("once"), turn_of(task_of("quiz", config)))
    turn = replace(turn_of(task_of("quiz", config)), now=NOW + timedelta(seconds=9))
    payload = {"sheet": begun.data["sheet"]["id"], "answers": [0, [0, 1]]}
    moved = KIND.move(config, Standing("once", 0, begun.data), payload, turn)
    standing = Standing("once", moved.count, moved.data)
    assert len(KIND.page(config, standing, turn)["review"]) == 2
    assert KIND.page(config | {"questions": QUESTIONS[:1]}, standing, turn)["review"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("story", stories("quiz"), ids=name_of)
def test_stories_in_a_campaign(story):
    play(story)
