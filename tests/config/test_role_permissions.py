"""Role × address of the admin: a table of answers, each judged. An address without a row fails here."""

import json
import os
from pathlib import Path

import pytest

from config.role_table import ROLES
from config.roles import permissions_of
from tests.config.lives import live
from tests.config.role_walk import VISITORS, walk

pytestmark = pytest.mark.django_db
CASES = Path(__file__).resolve().parents[1] / "cases" / "permissions.json"


def test_every_address_answers_each_role_as_the_table_says():
    found = walk(live().pk)
    if os.environ.get("WRITE_PERMISSIONS"):
        write(found)
    told = json.loads(CASES.read_text())
    assert told["visitors"] == list(VISITORS)
    judged = {key: answers.split() for key, answers in told["answers"].items()}
    assert sorted(found.keys() ^ judged.keys()) == []
    assert {key: answers for key, answers in found.items() if answers != judged[key]} == {}


def write(found):
    """Leave what was found as the table. Whoever does it reads the difference row by row."""
    lines = ",\n".join(f'    {json.dumps(key)}: "{" ".join(answers)}"' for key, answers in found.items())
    CASES.write_text(f'{{\n  "visitors": {json.dumps(VISITORS)},\n  "answers": {{\n{lines}\n  }}\n}}\n')


# What each on the staff has for themselves: the first page, their account, signing in and out, the search of the menu.
OWN = {
    "", "jsi18n/", "login/", "account/", "account/sessions/", "account/two-factor-off/", "account/recovery-codes/",
    "password_change/", "password_change/done/", "search/", "sign-in/code/", "sign-in/two-factor/",
}  # fmt: skip


def leads_to_nothing(route, answers):
    """Say whether everybody is sent on, to a page that asks anew or because there is no such row."""
    return set(answers[:-1]) == {"302"} and route.endswith(("/<path:object_id>/", "/history/", "/change/"))


def test_the_table_opens_nothing_to_nobody_or_to_staff_without_a_role():
    for key, told in json.loads(CASES.read_text())["answers"].items():
        answers, route = told.split(), key.partition(" ")[2]
        *_roles, without, nobody = answers
        if route not in OWN and not leads_to_nothing(route, answers):
            assert without in {"403", "404", "405"}, key
        if route != "login/":
            assert nobody in {"in", "404", "405"}, key


@pytest.mark.parametrize("place", range(len(ROLES)))
def test_lists_and_forms_open_to_whom_the_role_table_gives_them(place):
    role = ROLES[place]
    answers = json.loads(CASES.read_text())["answers"]
    pages = {"": "view", "add/": "add", "<path:object_id>/delete/": "delete"}
    for key, told in answers.items():
        method, _space, route = key.partition(" ")
        app, model, page = (*route.split("/", 2), "", "")[:3]
        if method == "GET" and page in pages and model and route not in OWN and told.split()[place] == "200":
            given = permissions_of(role)
            right = f"{app}.{pages[page]}_{model}"
            # What may be changed may be looked at.
            assert right in given or (page == "" and f"{app}.change_{model}" in given) or route in WIDER, (role, key)


# Lists that another permission opens too: who starts imports sees how they went; who asks or decides, the inbox.
WIDER = {"members/importrun/", "operations/approvalrequest/"}
