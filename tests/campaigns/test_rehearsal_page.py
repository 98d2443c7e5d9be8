"""The page of a rehearsal, and the simulation that workers do for it."""

import pytest

from campaigns import playing
from campaigns.models import Acknowledgement, Campaign, CostForecast
from campaigns.rehearsal import forecasts
from campaigns.rehearsal.rates import Level, Rates
from campaigns.rehearsal.rehearsing import rehearse
from members.models import Level as MemberLevel
from members.models import Member
from operations import jobs
from operations.models import Job
from rewards.models import Gift, Prize
from tests.campaigns.reviewers import user
from tests.campaigns.scenes import NOW, chain, draft, make_coupon, make_level, pool, publish, task

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/campaign/"
GOLD = {"levels": ["gold"]}
RATES = {"low": "10", "expected": "50", "high": "100", "again": "0"} | dict.fromkeys(
    ("traffic", "incentive", "share", "purchase", "play", "custom"), "100"
)


@pytest.fixture(autouse=True)
def shop(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"
    settings.CAMPAIGN_REVIEW = False
    make_level("gold")
    Member.objects.bulk_create(Member(uid=f"m{number}") for number in range(20))


def drawn(**changes):
    """Every second draw wins a coupon that costs 5.00."""
    make_coupon(*(f"C-{number}" for number in range(50)))
    Gift.objects.filter(slug="coupon").update(cost=5)
    prizes = [
        {"key": "win", "gift": "coupon", "odds": 500_000, "stock": 30, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 500_000, "stock": None, "consolation": True},
    ]
    tasks = [task("check-in", reward={"chances": 1}), task("rich", audience=GOLD)]
    return draft(**{"tasks": tasks, "pools": [pool("everyone", prizes=prizes)]} | changes)


def address(campaign, part=""):
    return f"{LIST}{campaign.pk}/rehearsal/{part}"


def do(client, campaign, what, **data):
    return client.post(address(campaign), {"do": what} | data, follow=True)


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_the_page_shows_findings_reach_and_what_is_expected(admin_client):
    campaign = drawn()

    html = admin_client.get(address(campaign)).content.decode()

    assert "1 warning to acknowledge" in html
    assert "No member whom the campaign reaches is in the audience of task “Task rich” today." in html
    assert 'name="key" value="nobody:task:rich"' in html
    assert "Prize “A coupon” of “Pool everyone”" in html
    assert 'value="publish"' not in html
    assert f'href="{LIST}{campaign.pk}/build/"' in html


def test_a_chain_is_mended_in_the_builder_whose_check_names_it(admin_client):
    """A chain has no page of its own: the plain form of all of it would open at its first tab."""
    campaign = drawn(tasks=[task("one", audience=GOLD)], chains=[chain("path", "one")])
    Member.objects.create(uid="rich", level=MemberLevel.objects.get())

    html = admin_client.get(address(campaign)).content.decode()
    told = "at step 1 of chain “Chain path”"
    assert told in html
    assert f"{LIST}{campaign.pk}/build/tasks/?_back=" in html
    assert told in admin_client.get(f"{LIST}{campaign.pk}/build/check/").content.decode()


def test_a_warning_is_acknowledged_and_the_campaign_published(admin_client):
    campaign = drawn()

    assert "Tick the warnings" in said(do(admin_client, campaign, "acknowledge", key="nothing"))
    assert "acknowledge these warnings" in said(do(admin_client, campaign, "publish"))
    response = do(admin_client, campaign, "acknowledge", key="nobody:task:rich")
    assert "1 warning is acknowledged." in said(response)
    assert "Nothing stands in the way" in response.content.decode()
    assert "is published as revision 1" in said(do(admin_client, campaign, "publish"))

    assert Campaign.objects.get().state == "live"


def test_errors_are_told_and_what_can_be_known_beside_them(admin_client):
    campaign = drawn(tasks=[])

    html = admin_client.get(address(campaign)).content.decode()

    assert "This cannot be published yet" in html
    assert "The campaign has no tasks." in html
    assert "Whom it reaches today" in html
    unreadable = admin_client.get(address(drawn(slug="odd", tasks=[task("q", "quiz", config={})]))).content.decode()
    assert "Once the errors are mended" in unreadable


def test_what_is_against_those_who_take_part_leads_to_the_review(admin_client):
    campaign = publish(tasks=[task("check-in", reward={"points": 10})])
    playing.submit(Member.objects.first(), campaign.slug, "check-in", {}, now=NOW)
    campaign.tasks.update(points=5)

    html = admin_client.get(address(campaign)).content.decode()

    assert 'id="verdict">Against those who take part' in html
    assert "Go on to the review" in html
    assert 'value="publish"' not in html


def test_rates_are_set_learned_and_refused(admin_client):
    campaign = drawn()

    wrong = do(admin_client, campaign, "rates", **(RATES | {"low": "60", "high": "1e9"})).content.decode()
    assert "Ensure this value is less than or equal to 100." in wrong
    assert "It lies between" in do(admin_client, campaign, "rates", **(RATES | {"low": "60"})).content.decode()
    assert "no earlier campaign" in said(do(admin_client, campaign, "learn"))
    assert "with these rates" in said(do(admin_client, campaign, "rates", **RATES))

    assert rehearse(campaign, now=NOW).expected.plays[Level.HIGH].participants == 20


def run_jobs():
    while job := Job.objects.filter(function=forecasts.JOB, state="queued").first():
        jobs.run(job.pk)


def test_workers_simulate_the_cost_pool_by_pool_and_the_page_tells_how_far_they_are(admin_client):
    campaign = drawn()
    do(admin_client, campaign, "rates", **RATES)

    do(admin_client, campaign, "simulate")
    do(admin_client, campaign, "simulate")
    assert Job.objects.filter(function=forecasts.JOB).count() == 1
    assert "0 % done" in admin_client.get(address(campaign, "costs/")).content.decode()
    jobs.run(Job.objects.get(function=forecasts.JOB).pk)
    running = admin_client.get(address(campaign, "costs/")).content.decode()
    assert "33 % done" in running
    assert 'hx-trigger="every 2s"' in running
    run_jobs()

    done = admin_client.get(address(campaign, "costs/")).content.decode()
    row = CostForecast.objects.get()
    assert "Nine in ten below" in done
    assert "hx-trigger" not in done
    spread = forecasts.quantiles(row, Level.HIGH)
    assert spread == forecasts.quantiles(row, Level.HIGH)
    # Twenty draws, each winning 5.00 as likely as not.
    assert 3_000 <= spread[10] <= 4_500 <= spread[50] <= 5_500 <= spread[90] <= 7_000
    assert forecasts.quantiles(row, Level.HIGH, budget=4_000)[90] == 4_000


@pytest.mark.parametrize(
    "change",
    [
        lambda campaign: Campaign.objects.filter(pk=campaign.pk).update(tagline="New"),
        lambda _campaign: Gift.objects.filter(slug="coupon").update(cost=6),
        lambda _campaign: Prize.objects.filter(key="win").update(stock=29),
        lambda campaign: forecasts.set_rates(campaign, Rates(again=1.0)),
    ],
    ids=["draft", "gift", "stock", "rates"],
)
def test_a_simulation_is_out_of_date_once_what_it_follows_from_changes(admin_client, change):
    campaign = drawn()
    do(admin_client, campaign, "simulate")
    run_jobs()
    assert "Nine in ten below" in admin_client.get(address(campaign, "costs/")).content.decode()

    change(campaign)

    html = admin_client.get(address(campaign, "costs/")).content.decode()
    assert "have changed since the last simulation" in html
    assert "Nine in ten below" not in html


def test_jobs_of_a_plan_that_is_out_of_date_do_nothing(admin_client):
    campaign = drawn()
    do(admin_client, campaign, "simulate")
    before = Job.objects.get(function=forecasts.JOB)
    do(admin_client, campaign, "rates", **RATES)
    do(admin_client, campaign, "simulate")

    jobs.run(before.pk)

    assert CostForecast.objects.get().runs == []


def test_who_may_only_look_acknowledges_and_changes_nothing(client):
    campaign = drawn()
    client.force_login(user("looker", "view_campaign"))

    html = client.get(address(campaign)).content.decode()

    assert 'name="key"' not in html
    assert 'value="rates"' not in html
    for what in ("acknowledge", "rates", "learn", "simulate", "publish"):
        assert client.post(address(campaign), {"do": what, "key": "nobody:task:rich"}).status_code == 403
    assert client.post(address(campaign), {"do": "what else\x00"}).status_code in {302, 400}
    assert not Acknowledgement.objects.exists()
    client.force_login(user("stranger"))
    assert client.get(address(campaign)).status_code == 403
    assert client.get(address(campaign, "costs/")).status_code == 403


def test_publishing_from_the_page_rehearses_once(admin_client, monkeypatch):
    campaign = draft()
    seen = []

    def counting(*args, **more):
        seen.append(args)
        return rehearse(*args, **more)

    monkeypatch.setattr("campaigns.rehearsal_pages.rehearse", counting)
    monkeypatch.setattr("campaigns.publishing.rehearse", counting)
    admin_client.post(address(campaign), {"do": "publish"})
    assert len(seen) == 1
