"""A task in the builder: its kind is chosen, and its form asks for that kind alone."""

import pytest
from django.contrib.admin.utils import flatten_fieldsets
from django.urls import reverse

from campaigns import kinds
from campaigns.models import Task, Typed
from operations.models import AuditRecord
from tests.campaigns.builder_hands import fields, page, save, step_url, wrong
from tests.campaigns.scenes import QUIZ, draft, make_level, pool, publish, task
from tests.filled_forms import sent_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alone_and_now")]


def test_a_task_has_only_the_fields_of_its_kind(admin_client):
    campaign = draft()
    new = step_url(campaign, "tasks", "new/")

    text = page(admin_client, new).content.decode()
    assert f"{new}?campaign={campaign.pk}&amp;kind=quiz" in text

    sent = fields(admin_client, f"{new}?campaign={campaign.pk}&kind=purchase")
    own = {name for name in sent if name.startswith("config_")}
    assert own
    assert "config_questions" not in own


def test_a_task_is_added_and_stands_last(admin_client):
    campaign = draft(tasks=[task("one"), task("two")])
    Task.objects.filter(key="two").update(position=4)
    url = f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind=checkin"

    answer = save(admin_client, url, title="Check in", key="sign", points="5", period="daily")

    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    made = campaign.tasks.get(key="sign")
    assert (made.kind, made.points, made.period, made.position) == ("checkin", 5, "daily", 5)
    assert AuditRecord.objects.filter(action="task.added", target_name="Check in").exists()


def test_after_a_task_the_next_can_be_chosen_at_once(admin_client):
    campaign = draft()
    new = step_url(campaign, "tasks", "new/")
    url = f"{new}?campaign={campaign.pk}&kind=checkin"
    assert 'name="_more"' in page(admin_client, url).content.decode()

    answer = save(admin_client, url, "_more", title="Check in", key="sign", points="5", period="daily")

    assert answer.url == new, wrong(answer)
    made = campaign.tasks.get(key="sign")
    assert 'name="_more"' not in page(admin_client, step_url(campaign, "tasks", f"{made.pk}/")).content.decode()


def test_a_task_of_the_list_says_what_it_asks_for(admin_client):
    questions = [{"text": "Which?", "choices": ["this", "that"], "answer": 0}]
    quiz = task("know", "quiz", config={"questions": questions, "pass": 1})
    campaign = draft(tasks=[task("buy", "purchase", config={"orders": 2, "order_from": "50"}), quiz, task("sign")])
    Task.objects.filter(key="sign").update(config={"no": "such setting"})

    rows = page(admin_client, step_url(campaign, "tasks")).context["task_rows"]

    assert [row["asks"] for row in rows] == [
        "What counts: number of orders · How much: 2 · Only orders of at least: 50",
        "Right answers to pass: 1",
        "",
    ]


def test_every_kind_has_a_form_in_the_builder(admin_client):
    campaign = draft()

    for kind in kinds.names():
        page(admin_client, f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind={kind}")


def test_a_task_of_another_campaign_is_not_found(admin_client):
    one, other = draft(slug="one"), draft(slug="other", pools=[pool("other")])

    assert admin_client.get(step_url(one, "tasks", f"{other.tasks.get().pk}/")).status_code == 404


# Another kind


def new_url(campaign, kind, instead=""):
    more = f"&instead={instead}" if instead else ""
    return f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}{more}&kind={kind}"


def one_url(task, more=""):
    return f"{step_url(task.campaign, 'tasks', f'{task.pk}/')}{more}"


def test_what_is_typed_goes_along_to_another_kind_and_what_does_not_is_named(admin_client):
    make_level("paid")
    campaign = draft()
    typed = {"title": "Buy milk", "key": "milk", "audience_levels": "paid", "points": "7", "times": "3"}
    own = {"config_value": "10", "config_skus": "MILK-1"}

    answer = save(admin_client, new_url(campaign, "purchase"), button="_another", **typed, **own)

    text = page(admin_client, answer.url).content.decode()
    assert new_url(campaign, "event", "purchase").replace("&", "&amp;") in text
    new = page(admin_client, new_url(campaign, "event", "purchase"))
    sent = sent_by(new.content.decode())
    assert {name: sent.get(name) for name in typed} == typed
    form = new.context["filled"].form
    assert not form.is_bound
    assert set(new.context["dropped"]) == {"How much", "Only these SKUs"}
    assert Task.objects.filter(key="milk").count() == 0
    assert "Not taken over: " in new.content.decode()


def test_a_form_that_nobody_filled_in_leaves_nothing_behind(admin_client):
    campaign = draft()

    for kind in kinds.names():
        answer = save(admin_client, new_url(campaign, kind), button="_another")
        assert answer.status_code == 302
        new = page(admin_client, new_url(campaign, "login", kind))
        assert new.context.get("dropped", ()) == (), kind


def test_every_kind_can_become_every_other_without_a_fault_of_the_page(admin_client):
    campaign = draft()
    names = kinds.names()

    for old, new in zip(names, [*names[1:], names[0]], strict=True):
        save(admin_client, new_url(campaign, old), button="_another", title="Kept")
        assert fields(admin_client, new_url(campaign, new, old))["title"] == "Kept", (old, new)


def test_once_the_new_one_is_added_the_old_form_is_empty_again(admin_client):
    campaign = draft()
    save(admin_client, new_url(campaign, "quiz"), button="_another", title="Half a quiz", key="half")

    answer = save(admin_client, new_url(campaign, "login", "quiz"))

    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    assert campaign.tasks.get(key="half").kind == "login"
    assert fields(admin_client, new_url(campaign, "quiz"))["title"] == ""


def test_what_was_typed_in_the_new_form_stands_there_when_it_is_opened_again(admin_client):
    campaign = draft()
    save(admin_client, new_url(campaign, "quiz"), button="_another", title="First")
    url = new_url(campaign, "login", "quiz")
    sent = fields(admin_client, url) | {"title": "Second"}

    admin_client.post(f"{step_url(campaign, 'tasks', 'new/')}autosave/?{url.partition('?')[2]}", sent)

    assert fields(admin_client, url)["title"] == "Second"


def test_a_task_of_the_draft_becomes_one_of_another_kind_by_its_button_alone(admin_client):
    campaign = draft(tasks=[task("one", "quiz", period="daily")])
    row = campaign.tasks.get()
    answer = save(admin_client, one_url(row), button="_another", title="Renamed")
    assert "_another" in answer.url
    url = one_url(row, "?instead=quiz&kind=login")
    sent = fields(admin_client, url)
    assert (sent["title"], sent["key"], sent["period"]) == ("Renamed", "one", "daily")

    kept = admin_client.post(f"{one_url(row)}autosave/?instead=quiz&kind=login", sent).json()
    row.refresh_from_db()
    assert (kept["outcome"], row.kind, row.title) == ("kept", "quiz", "Task one")

    answer = admin_client.post(url, sent | {"_save": "1"})
    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    row.refresh_from_db()
    assert (row.kind, row.title, row.period) == ("login", "Renamed", "daily")
    assert "questions" not in row.config
    assert not Typed.objects.exists()
    changes = [record.changes for record in AuditRecord.objects.filter(action="task.changed")]
    assert [each["kind"] for each in changes if "kind" in each] == [["quiz", "daily login"]]


def test_a_task_that_members_meet_says_what_stands_against_another_kind(admin_client):
    campaign = publish(tasks=[task("one")])

    text = page(admin_client, one_url(campaign.tasks.get(), "?_another=1")).content.decode()

    assert "This task is published." in text


@pytest.mark.parametrize("words", ["kind=no-such", "kind=login&instead=no-such", "instead=quiz", "_another="])
def test_an_address_that_names_no_kind_shows_the_task_as_it_is(admin_client, words):
    campaign = draft(tasks=[task("one")])

    assert page(admin_client, one_url(campaign.tasks.get(), f"?{words}")).status_code == 200


def test_a_key_that_is_free_is_proposed_for_a_new_task(admin_client):
    campaign = draft(tasks=[task("quiz", "quiz")])

    assert fields(admin_client, new_url(campaign, "quiz"))["key"] == "quiz-2"
    assert fields(admin_client, new_url(campaign, "gift_pack"))["key"] == "gift-pack"
    answer = save(admin_client, new_url(campaign, "checkin"), title="每日签到")
    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    assert campaign.tasks.get(title="每日签到").key == "checkin"


def test_a_proposed_key_makes_way_for_that_of_another_kind(admin_client):
    campaign = draft()

    save(admin_client, new_url(campaign, "quiz"), button="_another", title="Kept")

    assert fields(admin_client, new_url(campaign, "checkin", "quiz"))["key"] == "checkin"


def test_what_is_refused_is_named_above_the_long_form(admin_client):
    answer = save(admin_client, new_url(draft(), "quiz"), title="", config_pass="")

    told = [str(message) for message in answer.context["messages"]]
    assert told == ["Not saved yet. Please look at: Title, Questions, Right answers to pass"]


@pytest.mark.parametrize(("kind", "first"), [("checkin", "points"), ("purchase", "config")])
def test_what_a_kind_has_to_be_told_comes_first_and_else_the_reward(admin_client, kind, first):
    campaign = draft()
    page = admin_client.get(reverse("admin:campaigns_task_add"), {"campaign": campaign.pk, "kind": kind})
    fields = flatten_fieldsets(page.context["adminform"].fieldsets)
    places = {"points": fields.index("points"), "config": min(n for n, name in enumerate(fields) if "config" in name)}
    assert min(places, key=places.get) == first


@pytest.mark.parametrize(("kind", "period"), [("checkin", "daily"), ("login", "daily"), ("purchase", "once")])
def test_a_task_begins_with_the_period_that_is_usual_for_its_kind(admin_client, kind, period):
    campaign = draft()
    url = f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind={kind}"
    assert fields(admin_client, url)["period"] == period


# A copy


def copy_url(campaign, of):
    return f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind={of.kind}&like={of.pk}"


def test_a_copy_begins_with_all_that_the_task_has_but_its_key(admin_client):
    make_level("gold", 1)
    whom = {"levels": ["gold"]}
    given = task("quiz", "quiz", title="Quiz", config=QUIZ, audience=whom, period="weekly", reward={"points": 7})
    campaign = draft(tasks=[given])
    one = campaign.tasks.get()

    assert (
        copy_url(campaign, one).replace("&", "&amp;")
        in page(admin_client, step_url(campaign, "tasks")).content.decode()
    )
    text = page(admin_client, copy_url(campaign, one)).content.decode()
    assert "A copy of “Quiz”" in text
    assert "_another" not in text
    answer = save(admin_client, copy_url(campaign, one))

    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    made = campaign.tasks.exclude(pk=one.pk).get()
    assert made.key == "quiz-2"
    same = ("kind", "title", "config", "audience", "period", "points", "chances", "claim_mode", "quotas")
    assert [getattr(made, name) for name in same] == [getattr(one, name) for name in same]
    one.refresh_from_db()
    assert one.key == "quiz"


def test_what_is_typed_in_a_copy_is_kept_beside_what_is_typed_in_an_empty_form(admin_client):
    campaign = draft(tasks=[task("sign", title="Sign in")])
    one = campaign.tasks.get()
    empty = f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind={one.kind}"
    for address, words in ((empty, "Something new"), (copy_url(campaign, one), "Much the same")):
        sent = fields(admin_client, address) | {"title": words}
        admin_client.post(address.replace("new/", "new/autosave/"), sent)
    assert fields(admin_client, empty)["title"] == "Something new"
    assert fields(admin_client, copy_url(campaign, one))["title"] == "Much the same"
    # It is the copy still, and no other kind is offered, which would leave it behind.
    text = page(admin_client, copy_url(campaign, one)).content.decode()
    assert "A copy of" in text
    assert "_another" not in text


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "-1", "٣"])
def test_a_copy_of_what_is_not_there_is_an_empty_form(admin_client, number):
    campaign = draft(tasks=[task("sign", title="Sign in")])
    url = f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind=checkin&like={number}"
    assert "A copy of" not in page(admin_client, url).content.decode()
