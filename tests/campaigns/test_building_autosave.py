"""Drafts that save themselves in the builder: nothing typed is lost, and nothing of a colleague is written over."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from campaigns.models import Campaign, Task, Typed
from operations.models import AuditRecord
from tests.campaigns.builder_hands import autosave, fields, page, step_url, wrong
from tests.campaigns.scenes import NOW, chain, draft, pool, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"
    settings.TIME_ZONE = "UTC"


def test_what_is_valid_is_saved_while_it_is_typed(admin_client):
    campaign = draft()
    url = step_url(campaign, "look")
    sent = fields(admin_client, url)

    answer = autosave(admin_client, url, sent | {"tagline": "Come"})

    assert answer.status_code == 200
    assert answer.json()["outcome"] == "saved"
    assert answer.json()["said"].startswith("Saved at ")
    campaign.refresh_from_db()
    assert campaign.tagline == "Come"
    assert AuditRecord.objects.filter(action="campaign.changed").count() == 1


def test_the_next_saving_goes_on_from_the_answer(admin_client):
    campaign = draft()
    url = step_url(campaign, "look")
    sent = fields(admin_client, url)
    token = autosave(admin_client, url, sent | {"tagline": "Come"}).json()["token"]

    answer = autosave(admin_client, url, sent | {"tagline": "Come in", "token": token})

    assert answer.json()["outcome"] == "saved"
    campaign.refresh_from_db()
    assert campaign.tagline == "Come in"


def test_what_is_not_valid_is_kept_as_typed_and_stands_there_again(admin_client):
    campaign = draft()
    url = step_url(campaign, "audience")
    sent = fields(admin_client, url)

    answer = autosave(admin_client, url, sent | {"name": "Winter", "closes_at_0": "soon"})

    assert answer.json()["outcome"] == "kept"
    assert "Closes" in answer.json()["said"]
    campaign.refresh_from_db()
    assert campaign.name == "Campaign autumn"
    text = page(admin_client, url).content.decode()
    assert "You were not finished here" in text
    assert 'value="Winter"' in text
    assert 'value="soon"' in text


def test_what_is_kept_is_one_persons_own(admin_client):
    campaign = draft()
    url = step_url(campaign, "audience")
    autosave(admin_client, url, fields(admin_client, url) | {"name": ""})
    colleague = Client()
    colleague.force_login(User.objects.create_superuser("bob"))

    assert "You were not finished here" not in page(colleague, url).content.decode()


def test_saving_forgets_what_was_kept(admin_client):
    campaign = draft()
    url = step_url(campaign, "audience")
    sent = fields(admin_client, url)
    autosave(admin_client, url, sent | {"name": ""})

    admin_client.post(url, fields(admin_client, url) | {"name": "Winter", "_save": "1"})

    assert not Typed.objects.exists()
    campaign.refresh_from_db()
    assert campaign.name == "Winter"


def test_what_is_kept_can_be_thrown_away(admin_client):
    campaign = draft()
    url = step_url(campaign, "audience")
    autosave(admin_client, url, fields(admin_client, url) | {"name": ""})

    answer = admin_client.post(f"{url.removesuffix('audience/')}forget/", {"place": "audience"})

    assert answer.url == url
    assert not Typed.objects.exists()


@pytest.mark.parametrize("how", ["by the button", "by itself"])
def test_what_a_colleague_saved_meanwhile_is_not_written_over(admin_client, how):
    campaign = draft()
    url = step_url(campaign, "look")
    mine = fields(admin_client, url) | {"tagline": "Mine"}
    Campaign.objects.filter(pk=campaign.pk).update(tagline="Theirs")

    answer = autosave(admin_client, url, mine) if how == "by itself" else admin_client.post(url, mine | {"_save": "1"})

    campaign.refresh_from_db()
    assert campaign.tagline == "Theirs"
    if how == "by itself":
        assert (answer.status_code, answer.json()["outcome"]) == (409, "stale")
    else:
        text = answer.content.decode()
        assert "Nothing of yours is lost" in text
        assert 'value="Mine"' in text
    assert Typed.objects.get().sent["tagline"] == ["Mine"]


def test_what_was_typed_can_take_the_place_of_what_was_saved_meanwhile(admin_client):
    campaign = draft()
    url = step_url(campaign, "look")
    mine = fields(admin_client, url) | {"tagline": "Mine"}
    Campaign.objects.filter(pk=campaign.pk).update(tagline="Theirs")
    token = autosave(admin_client, url, mine).json()["token"]

    answer = admin_client.post(url, mine | {"token": token, "_save": "1"})

    assert answer.status_code == 302, wrong(answer)
    campaign.refresh_from_db()
    assert campaign.tagline == "Mine"


def test_colleagues_on_two_steps_do_not_meet(admin_client):
    campaign = draft()
    look, audience = step_url(campaign, "look"), step_url(campaign, "audience")
    one, other = fields(admin_client, look), fields(admin_client, audience)

    autosave(admin_client, look, one | {"tagline": "Come"})
    answer = autosave(admin_client, audience, other | {"name": "Winter"})

    assert answer.json()["outcome"] == "saved"
    campaign.refresh_from_db()
    assert (campaign.tagline, campaign.name) == ("Come", "Winter")


def test_rows_are_added_and_taken_away_by_the_button_only(admin_client):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one")])
    two = campaign.tasks.get(key="two")
    url = step_url(campaign, "tasks")
    sent = fields(admin_client, url)
    new = {"chains-1-title": "New", "chains-1-key": "new", "chains-1-steps_0": two.pk}

    for change in (new, {"tasks-1-DELETE": "on"}):
        answer = autosave(admin_client, url, sent | change)
        assert (answer.json()["outcome"], answer.json()["said"].partition(" at ")[0]) == (
            "kept",
            "Kept as you typed it",
        )

    assert (campaign.chains.count(), campaign.tasks.count()) == (1, 2)


def test_the_order_of_tasks_saves_itself(admin_client):
    campaign = draft(tasks=[task("one"), task("two")])
    url = step_url(campaign, "tasks")

    answer = autosave(admin_client, url, fields(admin_client, url) | {"tasks-0-position": "2", "tasks-1-position": "1"})

    assert answer.json()["outcome"] == "saved"
    assert list(campaign.tasks.values_list("key", flat=True)) == ["two", "one"]


def test_a_task_saves_itself_and_keeps_its_place_in_the_list(admin_client):
    campaign = draft(tasks=[task("one"), task("two")])
    one = campaign.tasks.get(key="one")
    url = step_url(campaign, "tasks", f"{one.pk}/")
    sent = fields(admin_client, url)
    Task.objects.filter(pk=one.pk).update(position=7)

    answer = autosave(admin_client, url, sent | {"title": "First"})

    assert answer.json()["outcome"] == "saved", answer.json()
    one.refresh_from_db()
    assert (one.title, one.position) == ("First", 7)


def test_a_task_that_a_colleague_changed_is_not_written_over(admin_client):
    campaign = draft(tasks=[task("one")])
    one = campaign.tasks.get()
    url = step_url(campaign, "tasks", f"{one.pk}/")
    sent = fields(admin_client, url)
    Task.objects.filter(pk=one.pk).update(points=99)

    answer = autosave(admin_client, url, sent | {"title": "First"})

    assert answer.json()["outcome"] == "stale"
    one.refresh_from_db()
    assert (one.title, one.points) == ("Task one", 99)


def test_a_new_task_is_kept_until_its_button_is_pressed(admin_client):
    campaign = draft(tasks=[])
    query = f"?campaign={campaign.pk}&kind=checkin"
    url = step_url(campaign, "tasks", f"new/{query}")
    sent = fields(admin_client, url) | {"title": "Check in", "key": "sign"}

    answer = admin_client.post(step_url(campaign, "tasks", f"new/autosave/{query}"), sent)

    assert answer.json()["outcome"] == "kept"
    assert not Task.objects.exists()
    assert 'value="Check in"' in page(admin_client, url).content.decode()


def test_what_is_too_long_to_be_kept_says_so(admin_client):
    campaign = draft()
    url = step_url(campaign, "look")

    answer = autosave(admin_client, url, fields(admin_client, url) | {"tagline": "x" * 600_000})

    assert "too long" in answer.json()["said"]
    assert not Typed.objects.exists()


def test_a_pool_offered_meanwhile_makes_the_pools_stale(admin_client):
    campaign = draft(pools=[pool("one")])
    draft(slug="other", pools=[pool("two")])
    url = step_url(campaign, "pools")
    sent = fields(admin_client, url)
    campaign.pools.create(pool=Campaign.objects.get(slug="other").pools.get().pool)

    assert autosave(admin_client, url, sent).json()["outcome"] == "stale"
