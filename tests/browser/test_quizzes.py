"""Quizzes that are begun on the server, with and without JavaScript."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from campaigns.models import Progress
from tests.browser import fair
from tests.browser.test_journey import WITH_AND_WITHOUT
from tests.campaigns import scenes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

QUESTIONS = [
    {
        "text": "Which milk is fresh?",
        "choices": ["This one", "That one"],
        "answer": 0,
        "explanation": "It is from today.",
    },
    {"text": "What do cows eat?", "choices": ["Grass", "Hay", "Milk"], "answer": [0, 1]},
]
FILM = {"questions": [{**question, "at": 0} for question in QUESTIONS], "pass": 2, "video": {"url": "/static/film.mp4"}}


@pytest.fixture
def quizzes(live_server):
    tasks = [
        scenes.task("quiz", "quiz", title="Quiz", config={"questions": QUESTIONS, "pass": 2, "seconds": 60}),
        scenes.task("film", "quiz", title="Film", config=FILM),
    ]
    return fair.open_fair(now=timezone.now(), tasks=tasks, chains=[])


def begun_earlier(key: str) -> None:
    progress = Progress.objects.get(task_key=key)
    sheet = progress.data["sheet"]
    sheet["at"] = (datetime.fromisoformat(sheet["at"]) - timedelta(seconds=9)).isoformat()
    progress.save()


@WITH_AND_WITHOUT
def test_a_timed_quiz_with_several_choices_and_its_explanation(page: Page, quizzes, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/quiz/"))
    expect(page.get_by_text("Which milk is fresh?")).to_have_count(0)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Time left")).to_be_visible()
    begun_earlier("quiz")
    page.get_by_label("This one").check()
    page.get_by_role("button", name="Next question").click()
    page.get_by_label("Grass").check()
    page.get_by_label("Hay").check()
    assert "It is from today." not in page.content()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()
    expect(page.get_by_text("It is from today.")).to_be_visible()


@WITH_AND_WITHOUT
def test_the_questions_of_a_film_are_answered_one_after_the_other(page: Page, quizzes, entry_link, phone):
    page.goto(entry_link("ann", "/h5/c/fair/t/film/"))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Which milk is fresh?")).to_be_visible()
    begun_earlier("film")
    page.get_by_label("This one").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("What do cows eat?")).to_be_visible()
    page.get_by_label("Grass").check()
    page.get_by_label("Hay").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("Done! You received 10 points.")).to_be_visible()


def test_what_is_done_before_the_script_is_there_stays(page: Page, quizzes, entry_link):
    """The answer that was ticked, and the place of whoever answers with the keys."""
    page.goto(entry_link("ann", "/h5/c/fair/t/quiz/"))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Time left")).to_be_visible()
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route(re.compile(r"/quiz(\.\w+)?\.js"), hold)
    page.reload(wait_until="commit")
    page.get_by_label("This one").check()
    expect(page.get_by_label("This one")).to_be_focused()
    assert page.locator("[data-quiz-one]").count() == 1
    for each in late:
        each.continue_()
    expect(page.locator("[data-quiz-one]")).to_have_count(0)
    expect(page.get_by_label("This one")).to_be_checked()
    expect(page.get_by_label("This one")).to_be_focused()
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_label("Grass")).to_be_visible()
