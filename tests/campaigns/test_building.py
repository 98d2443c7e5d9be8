"""The builder of campaigns: six steps over the plain forms, whose saving, rights and audit trail it uses."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from campaigns import kinds
from campaigns.models import Campaign, Chain, ChainStep, Proposal, Task, Typed
from operations.models import AuditRecord
from tests.campaigns.scenes import NOW, chain, draft, make_level, pool, publish, task
from tests.filled_forms import sent_by

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/campaign/"
STEPS = ("audience", "tasks", "pools", "look", "check", "publish")


@pytest.fixture(autouse=True)
def _at_now(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"
    settings.CAMPAIGN_REVIEW = False


def step_url(campaign, step, more=""):
    return f"{LIST}{campaign.pk}/build/{step}/{more}"


def page(client, url):
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, answer
    return answer


def fields(client, url):
    return sent_by(page(client, url).content.decode())


def save(client, url, button="_save", **changes):
    return client.post(url, fields(client, url) | changes | {button: "1"})


def autosave(client, url, data):
    return client.post(f"{url}autosave/", data)


def wrong(answer):
    filled = answer.context and answer.context.get("filled")
    return filled.messages() if filled else answer


def standing(answer):
    return {each["step"].key: each["standing"] for each in answer.context["bar"]}


def staff(*names):
    user = User.objects.create_user("ann", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def begin(client, **changes):
    url = f"{LIST}build/"
    return client.post(url, fields(client, url) | {"name": "Spring", "organiser": "The shop"} | changes)


# Beginning


def test_a_campaign_begins_from_nothing_with_what_is_most_often_meant(admin_client):
    answer = begin(admin_client)

    made = Campaign.objects.get()
    assert answer.url == step_url(made, "audience"), wrong(answer)
    assert (made.name, made.slug, made.state) == ("Spring", "campaign-20261112", "draft")
    assert made.closes_at - made.opens_at == timedelta(days=14)
    assert AuditRecord.objects.get(action="campaign.added").target_name == "Spring"


def test_a_campaign_that_cannot_begin_says_why_and_nothing_is_made(admin_client):
    draft(slug="spring")

    answer = begin(admin_client, slug="spring")

    assert answer.status_code == 200
    assert "Key: Campaign with this Key already exists." in wrong(answer)
    assert Campaign.objects.count() == 1


def test_the_start_leads_to_templates_and_to_earlier_campaigns(admin_client):
    draft(slug="spring", name="Spring")
    draft(slug="autumn", name="Autumn")

    text = page(admin_client, f"{LIST}build/?q=spr").content.decode()

    assert reverse("admin:campaigns_campaign_clone", args=[Campaign.objects.get(slug="spring").pk]) in text
    assert reverse("admin:campaigns_campaign_clone", args=[Campaign.objects.get(slug="autumn").pk]) not in text
    assert reverse("admin:campaigns_campaign_blueprints") in text


def test_the_list_of_campaigns_leads_to_the_start(admin_client):
    assert page(admin_client, f"{LIST}new-campaign").redirect_chain[-1][0] == f"{LIST}build/"


def test_a_clone_is_built_on_in_the_builder(admin_client):
    campaign = draft()
    url = reverse("admin:campaigns_campaign_clone", args=[campaign.pk])

    answer = admin_client.post(url, fields(admin_client, url) | {"slug": "again"})

    assert answer.url == f"{LIST}{Campaign.objects.get(slug='again').pk}/build/"


# Steps


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_a_page_and_says_how_far_the_draft_is(admin_client, step):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one", "two")])

    answer = page(admin_client, step_url(campaign, step))

    assert list(standing(answer)) == list(STEPS)


def test_the_bar_says_what_is_untouched_faulty_and_complete(admin_client):
    begin(admin_client)
    campaign = Campaign.objects.get()
    assert standing(page(admin_client, step_url(campaign, "audience"))) == {
        "audience": "complete",
        "tasks": "untouched",
        "pools": "untouched",
        "look": "untouched",
        "check": "untouched",
        "publish": "untouched",
    }

    broken = draft(slug="broken", tasks=[task("one", reward={"chances": 1})], pools=[], tagline="Come")

    assert standing(page(admin_client, step_url(broken, "tasks"))) == {
        "audience": "complete",
        "tasks": "complete",
        "pools": "untouched",
        "look": "complete",
        "check": "faults",
        "publish": "untouched",
    }


def test_the_builder_opens_at_the_first_step_that_is_not_complete(admin_client):
    begin(admin_client)

    assert page(admin_client, f"{LIST}{Campaign.objects.get().pk}/build/").redirect_chain[-1][0].endswith("/tasks/")


def test_the_audience_is_saved_by_the_plain_forms_own_saving(admin_client):
    make_level("paid")
    campaign = draft()

    answer = save(admin_client, step_url(campaign, "audience"), "_next", name="Winter", audience_levels=["paid"])

    campaign.refresh_from_db()
    assert answer.url == step_url(campaign, "tasks"), wrong(answer)
    assert (campaign.name, campaign.audience) == ("Winter", {"levels": ["paid"]})
    record = AuditRecord.objects.filter(action="campaign.changed").latest("pk")
    assert record.changes["name"] == ["Campaign autumn", "Winter"]


def test_the_look_is_saved_and_leads_back(admin_client):
    campaign = draft()

    answer = save(admin_client, step_url(campaign, "look"), "_previous", tagline="Come", colour="#00ff00")

    campaign.refresh_from_db()
    assert answer.url == step_url(campaign, "pools"), wrong(answer)
    assert (campaign.tagline, campaign.colour) == ("Come", "#00ff00")


@pytest.mark.parametrize("step", ["audience", "tasks", "pools", "look"])
def test_saving_a_step_without_a_change_changes_nothing(admin_client, step):
    make_level("paid")
    whom = {"levels": ["paid"]}
    campaign = draft(
        audience=whom,
        tasks=[task("one"), task("two", audience=whom)],
        chains=[chain("path", "one", "two", audience=whom)],
        pools=[pool("everyone"), pool("better", audience=whom)],
    )
    before = rows()
    records = AuditRecord.objects.count()

    answer = save(admin_client, step_url(campaign, step))

    assert answer.status_code == 302, wrong(answer)
    assert (rows(), AuditRecord.objects.count()) == (before, records)


def rows():
    """The draft but for the ids of its steps, which are written anew."""
    steps = list(ChainStep.objects.order_by("chain", "number").values("chain", "number", "task", "skip"))
    models = (Campaign, Task, Chain, Campaign.pools.rel.related_model)
    return [list(model.objects.order_by("pk").values()) for model in models] + [steps]


def test_each_step_writes_the_rows_that_the_plain_form_writes(admin_client):
    """The same changes by the plain form of one campaign and by the builder of its twin."""
    make_level("paid")
    contents = {"tasks": [task("one"), task("two")], "chains": [chain("path", "one", "two")]}
    plain, built = draft(slug="plain", **contents), draft(slug="built", pools=[pool("other")], **contents)
    ones = {each.key: each.pk for each in built.tasks.all()}
    twos = {each.key: each.pk for each in plain.tasks.all()}
    say = {"name": "Winter", "tagline": "Come", "audience_levels": ["paid"]}

    def order(tasks):
        return {"tasks-0-position": "2", "tasks-1-position": "1"} | chain_change(tasks)

    def chain_change(tasks):
        return {"chains-0-steps_0": tasks["two"], "chains-0-steps_1": tasks["one"], "chains-0-points": "7"}

    answer = save(admin_client, f"{LIST}{plain.pk}/change/", **say, **order(twos), **{"pools-0-named_only": "on"})
    assert answer.status_code == 302
    assert save(admin_client, step_url(built, "audience"), name="Winter", audience_levels=["paid"]).status_code == 302
    assert save(admin_client, step_url(built, "look"), tagline="Come").status_code == 302
    assert save(admin_client, step_url(built, "tasks"), **order(ones)).status_code == 302
    assert save(admin_client, step_url(built, "pools"), **{"pools-0-named_only": "on"}).status_code == 302

    assert said_by(built) == said_by(plain)


def said_by(campaign):
    own = Campaign.objects.values("name", "tagline", "audience", "colour", "opens_at").get(pk=campaign.pk)
    tasks = list(campaign.tasks.values("key", "position", "points"))
    chains = list(campaign.chains.values("key", "points", "chances", "audience"))
    steps = list(ChainStep.objects.filter(chain__campaign=campaign).values_list("number", "task__key", "skip"))
    return own, tasks, chains, steps, list(campaign.pools.values("named_only", "audience", "position"))


def test_a_chain_is_added_and_drawn_as_a_path(admin_client):
    campaign = draft(tasks=[task("one"), task("two", reward={"chances": 1})], chains=[])
    one, two = campaign.tasks.all()

    answer = save(
        admin_client,
        step_url(campaign, "tasks"),
        **{"chains-0-title": "Path", "chains-0-key": "path", "chains-0-steps_0": one.pk, "chains-0-steps_1": two.pk},
        **{"chains-0-chances": "2"},
    )

    assert answer.status_code == 302, wrong(answer)
    assert list(ChainStep.objects.values_list("number", "task__key")) == [(1, "one"), (2, "two")]
    text = page(admin_client, step_url(campaign, "tasks")).content.decode()
    drawn = text[text.index('class="path-nodes"') :]
    assert drawn.index("Task one") < drawn.index("Task two") < drawn.index("All done") < drawn.index("draw chances 2")


def test_the_plain_form_shows_the_path_too(admin_client):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one", "two")])

    assert 'class="path-nodes"' in page(admin_client, f"{LIST}{campaign.pk}/change/").content.decode()


def test_a_step_that_falls_away_and_another_face_of_a_chain_are_told(admin_client):
    make_level("paid")
    whom = {"levels": ["paid"]}
    campaign = draft(
        tasks=[task("one"), task("two"), task("three")],
        chains=[chain("path", "one", "two", slot="face"), chain("other", "three", slot="face", audience=whom)],
    )
    ChainStep.objects.filter(task__key="two").update(skip=whom)

    text = page(admin_client, step_url(campaign, "tasks")).content.decode()

    assert "Falls away for: One of these levels: paid" in text
    assert "Chain other: One of these levels: paid" in text


def test_tasks_are_put_in_order_by_their_numbers_without_a_script(admin_client):
    campaign = draft(tasks=[task("one"), task("two"), task("three")])

    answer = save(
        admin_client,
        step_url(campaign, "tasks"),
        **{"tasks-0-position": "3", "tasks-1-position": "1", "tasks-2-position": "2"},
    )

    assert answer.status_code == 302, wrong(answer)
    assert list(campaign.tasks.values_list("key", flat=True)) == ["two", "three", "one"]


def test_a_task_is_taken_away_but_not_one_that_is_a_step(admin_client):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one")])

    answer = save(admin_client, step_url(campaign, "tasks"), **{"tasks-0-DELETE": "on"})
    assert answer.status_code == 200
    assert campaign.tasks.count() == 2

    answer = save(admin_client, step_url(campaign, "tasks"), **{"tasks-0-DELETE": "", "tasks-1-DELETE": "on"})
    assert list(campaign.tasks.values_list("key", flat=True)) in (["one"], ["one", "two"])


def test_a_pool_that_is_offered_stands_last(admin_client):
    campaign = draft(pools=[pool("first"), pool("second")])
    draft(slug="other", pools=[pool("third")])
    third = Campaign.objects.get(slug="other").pools.get().pool

    answer = save(admin_client, step_url(campaign, "pools"), **{"pools-2-pool": third.pk})

    assert answer.status_code == 302, wrong(answer)
    assert list(campaign.pools.values_list("pool__slug", flat=True)) == ["first", "second", "third"]


# Tasks


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


def test_every_kind_has_a_form_in_the_builder(admin_client):
    campaign = draft()

    for kind in kinds.names():
        page(admin_client, f"{step_url(campaign, 'tasks', 'new/')}?campaign={campaign.pk}&kind={kind}")


def test_a_task_of_another_campaign_is_not_found(admin_client):
    one, other = draft(slug="one"), draft(slug="other", pools=[pool("other")])

    assert admin_client.get(step_url(one, "tasks", f"{other.tasks.get().pk}/")).status_code == 404


# Check and publish


def test_faults_lead_to_the_step_that_mends_them(admin_client):
    make_level("paid")
    campaign = draft(tasks=[task("one", reward={"chances": 1})], pools=[pool("p", audience={"levels": ["gone"]})])
    Campaign.objects.filter(pk=campaign.pk).update(closes_at=campaign.opens_at)

    answer = page(admin_client, step_url(campaign, "check"))

    placed = {step.key: [fault.code for fault in faults] for step, faults in answer.context["groups"]}
    assert placed["audience"] == ["window_reversed"]
    assert "level_unknown" in placed["pools"]
    assert step_url(campaign, "pools") in answer.content.decode()


def test_the_last_step_submits_by_the_review_page(admin_client):
    campaign = draft()
    answer = page(admin_client, step_url(campaign, "publish"))
    review = reverse("admin:campaigns_campaign_review", args=[campaign.pk])
    assert f'action="{review}"' in answer.content.decode()

    admin_client.post(review, {"do": "submit", "note": "New"})

    assert Proposal.objects.get().campaign == campaign
    assert "To the review" in page(admin_client, step_url(campaign, "publish")).content.decode()


def test_the_last_step_publishes_where_nobody_reviews(admin_client):
    campaign = draft()

    admin_client.post(step_url(campaign, "publish"), {"_publish": "1"})

    campaign.refresh_from_db()
    assert campaign.current is not None


def test_with_reviews_nobody_publishes_alone(admin_client, settings):
    settings.CAMPAIGN_REVIEW = True
    campaign = draft()

    assert admin_client.post(step_url(campaign, "publish"), {"_publish": "1"}).status_code == 403
    campaign.refresh_from_db()
    assert campaign.current is None


def test_a_published_campaign_is_built_on_as_its_next_revision(admin_client):
    campaign = publish()

    save(admin_client, step_url(campaign, "look"), tagline="New line")

    campaign.refresh_from_db()
    assert campaign.tagline == "New line"
    assert campaign.current.definition["tagline"] == ""
    assert "New line" in page(admin_client, step_url(campaign, "publish")).content.decode()


def test_a_campaign_that_is_over_is_no_longer_changed(admin_client):
    campaign = draft()
    data = fields(admin_client, step_url(campaign, "look")) | {"tagline": "Late", "_save": "1"}
    Campaign.objects.filter(pk=campaign.pk).update(state="archived")

    answer = admin_client.post(step_url(campaign, "look"), data)

    assert answer.status_code == 200
    campaign.refresh_from_db()
    assert campaign.tagline == ""


# Who may


def test_who_may_only_look_is_not_let_into_the_builder(client):
    campaign = draft()
    client.force_login(staff("view_campaign", "view_task"))

    for step in STEPS:
        assert client.get(step_url(campaign, step)).status_code == 403
        assert client.post(step_url(campaign, step, "autosave/")).status_code == 403
    assert client.get(f"{LIST}build/").status_code == 403


def test_who_may_change_campaigns_but_not_tasks_leaves_tasks_alone(client):
    campaign = draft(tasks=[task("one"), task("two")])
    client.force_login(staff("view_campaign", "change_campaign", "view_task"))

    page(client, step_url(campaign, "tasks"))
    client.post(step_url(campaign, "tasks"), {"token": "", "tasks-0-position": "9", "_save": "1"})

    assert client.get(step_url(campaign, "tasks", f"{campaign.tasks.first().pk}/")).status_code == 403
    assert set(campaign.tasks.values_list("position", flat=True)) == {0, 1} or not campaign.tasks.filter(position=9)


# Hostile input


NAUGHTY = ["\0", "9" * 400, "0001-01-01", "9999-12-31", "[" * 5_000, "-1"]


@pytest.mark.parametrize("step", ["audience", "tasks", "pools", "look"])
def test_no_input_breaks_a_step(admin_client, step):
    """Each value in every control at once, then in all but those that count rows."""
    campaign = draft(tasks=[task("one")], chains=[chain("path", "one")])
    url = step_url(campaign, step)
    sent = fields(admin_client, url)
    rows_only = {name: value for name, value in sent.items() if "_FORMS" in name or name == "token"}

    for value in NAUGHTY:
        everywhere = dict.fromkeys(sent, value)
        assert admin_client.post(url, everywhere).status_code < 500, value[:20]
        assert autosave(admin_client, url, everywhere | rows_only).status_code < 500, value[:20]
    assert admin_client.post(url, {}).status_code < 500
    page(admin_client, url)


def test_moments_at_the_ends_of_the_calendar_are_no_fault_of_the_page(admin_client):
    campaign = draft()

    for first, last in (("0001-01-01", "9999-12-31"), ("9999-12-31", "0001-01-01")):
        changes = {"opens_at_0": first, "opens_at_1": "00:00", "closes_at_0": last, "closes_at_1": "23:59"}
        answer = save(admin_client, step_url(campaign, "audience"), **changes)
        assert "Opens: The year must be from 2000 to 2199." in wrong(answer)
        for step in STEPS:
            assert admin_client.get(step_url(campaign, step)).status_code == 200


# The check rehearses a draft without faults: it counts whom it reaches.
@pytest.mark.parametrize(("step", "most"), [("tasks", 45), ("check", 65)])
def test_the_number_of_statements_does_not_grow_with_the_tasks(admin_client, django_assert_max_num_queries, step, most):
    few = draft(slug="few", tasks=[task("one")], chains=[chain("path", "one")])
    keys = [f"t{number}" for number in range(12)]
    many = draft(
        slug="many", tasks=[task(key) for key in keys], chains=[chain("path", *keys[:6])], pools=[pool("other")]
    )
    page(admin_client, step_url(few, step))

    with django_assert_max_num_queries(most) as at_few:
        page(admin_client, step_url(few, step))
    with django_assert_max_num_queries(most) as at_many:
        page(admin_client, step_url(many, step))

    assert len(at_many) == len(at_few)


def test_the_check_does_not_call_fine_what_the_rehearsal_refuses(admin_client):
    views = {"type": "view", "count": 90, "distinct": "days"}
    campaign = draft(tasks=[task("views", "event", config=views, title="Ninety days")], pools=[])

    text = page(admin_client, step_url(campaign, "check")).content.decode()

    assert "Nothing is wrong" not in text
    assert "This cannot be published yet" in text
    assert "Task “Ninety days” takes 90 days" in text
    assert reverse("admin:campaigns_campaign_rehearsal", args=[campaign.pk]) in text


def test_what_was_typed_goes_with_its_campaign(admin_client):
    campaign = draft()
    url = step_url(campaign, "audience")
    autosave(admin_client, url, fields(admin_client, url) | {"name": ""})
    assert Typed.objects.count() == 1

    campaign.delete()

    assert not Typed.objects.exists()
