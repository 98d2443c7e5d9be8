"""Prize pools in a campaign's admin: what names them, how they are chosen, and why a draw is from one."""

import pytest
from django.contrib.auth.models import Permission, User

from campaigns import playing
from campaigns.campaign_files import dump
from campaigns.models import Campaign
from tests.campaigns.scenes import NOW, QUIZ, chain, make_level, make_member, pool, publish, task
from tests.campaigns.test_admin import LIST, save, whole
from tests.campaigns.test_task_admin import change_url
from tests.campaigns.test_task_admin import save as save_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"


QUIZ_BY_RESULT = {"pools": [{"from": 80, "pool": "all"}, {"from": 50, "below": 80, "pool": "paid"}]}


def test_what_names_a_pool_stays_when_nothing_is_changed(admin_client):
    tasks = [
        task("one", reward={"chances": 1, "pool": "all"}),
        task("quiz", "quiz", config=QUIZ | QUIZ_BY_RESULT, reward={"chances": 1}),
    ]
    pools = [pool("paid", audience={"tags_any": ["food.tea", "food.milk"]}, named_only=True), pool("all")]
    campaign = whole(tasks=tasks, chains=[chain("path", "one", reward={"chances": 1, "pool": "paid"})], pools=pools)
    before = dump(campaign)

    save(admin_client, campaign)
    assert dump(Campaign.objects.get()) == before
    save_task(admin_client, change_url("quiz"), title="Renamed")

    assert dump(Campaign.objects.get()) == before.replace("Task quiz", "Renamed")


def test_the_results_of_a_quiz_are_filled_in_row_by_row(admin_client):
    campaign = whole(tasks=[task("quiz", "quiz", reward={"chances": 1})], chains=[])
    cells = {"0": "50", "1": "80", "2": "paid", "3": "80", "5": "all"}

    save_task(admin_client, change_url("quiz"), **{f"result_pools_{place}": value for place, value in cells.items()})

    config = campaign.tasks.get().config
    assert config["pools"] == [{"from": 50, "below": 80, "pool": "paid"}, {"from": 80, "pool": "all"}]
    assert config["questions"] == QUIZ["questions"]


def test_ranges_with_a_gap_are_refused_beside_their_rows(admin_client):
    whole(tasks=[task("quiz", "quiz", reward={"chances": 1})], chains=[])
    cells = {"0": "50", "1": "70", "2": "paid", "3": "80", "5": "all"}

    response = save_task(
        admin_client, change_url("quiz"), **{f"result_pools_{place}": value for place, value in cells.items()}
    )

    assert "from 70 below 80 has no pool" in str(response.context["adminform"].form.errors["result_pools"])


def test_a_check_in_has_no_result(admin_client):
    whole()

    page = admin_client.get(change_url("one"))

    assert "result_pools" not in page.context["adminform"].form.fields


def test_the_pools_are_shown_in_the_order_in_which_they_are_asked_with_what_is_wrong(admin_client):
    low = {"score_from": 50, "score_below": 80}
    pools = [pool("low", audience=low), pool("paid", audience={"levels": ["paid"]}), pool("secret", named_only=True)]
    campaign = whole(pools=pools, audience={})

    page = admin_client.get(f"{LIST}{campaign.pk}/change/")

    shown = page.context["pool_panel"]
    assert [(line.place, line.name, line.kind) for line in shown.lines] == [
        (1, "Pool paid", "identity"),
        (2, "Pool low", "score"),
        (None, "Pool secret", "named_only"),
    ]
    assert shown.gate == 50
    assert "campaign score of 80 and more have no draw" in page.content.decode()
    assert "nobody draws from it" in page.content.decode()


def test_who_may_only_look_sees_the_pools_and_no_form(client):
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    client.force_login(viewer)

    page = client.get(f"{LIST}{whole().pk}/change/")

    assert page.status_code == 200
    assert "Which prize pool a draw is from" in page.content.decode()


def test_why_names_the_pool_of_each_chance_and_what_each_pool_says(admin_client):
    tasks = [task("one", reward={"chances": 2, "pool": "secret"}), task("two", reward={"chances": 1})]
    make_level("paid")
    pools = [pool("paid", audience={"levels": ["paid"]}), pool("all"), pool("secret", named_only=True)]
    campaign = publish(tasks=tasks, pools=pools)
    ann = make_member()
    for key in ("one", "two"):
        playing.submit(ann, "autumn", key, {}, now=NOW)

    page = admin_client.get(f"{LIST}{campaign.pk}/why/{ann.pk}/")

    assert [(each["bucket"], each["chances"], each["pool"].slug) for each in page.context["draws"]] == [
        ("for “secret”, named by a task", 2, "secret"),
        ("for the member's own pool", 1, "all"),
    ]
    assert [(each["name"], bool(each["refusal"]), each["own"]) for each in page.context["pools"]] == [
        ("Pool paid", True, False),
        ("Pool all", False, True),
        ("Pool secret", False, False),
    ]
    assert "This is for members of another level." in page.content.decode()


def test_why_names_the_score_that_the_gate_asks_for(admin_client):
    campaign = publish(pools=[pool("low", audience={"score_from": 50})])
    ann = make_member()

    page = admin_client.get(f"{LIST}{campaign.pk}/why/{ann.pk}/")

    assert "from a campaign score of 50 on" in page.content.decode()
