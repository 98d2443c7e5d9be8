"""The admin as an operator uses it."""

import re

import pytest
from django.contrib.auth.models import Permission, User

from campaigns import pausing, playing, publishing
from campaigns.campaign_files import dump
from campaigns.models import Campaign, ChainStep
from tests.campaigns.scenes import NOW, chain, draft, make_level, make_member, pool, publish, task

pytestmark = pytest.mark.django_db
LIST = "/admin/campaigns/campaign/"


@pytest.fixture(autouse=True)
def _at_now(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"
    settings.CAMPAIGN_REVIEW = False


def fields_of(page):
    """What the browser would send back of the page's form."""
    form = page.context["adminform"].form
    formsets = [each.formset for each in page.context["inline_admin_formsets"]]
    html = page.content.decode()
    data = {}
    for tag in re.findall(r"<input[^>]*>", html):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        name, kind = attributes.get("name"), attributes.get("type")
        if not name or "__prefix__" in name or kind in {"submit", "file"} or name == "csrfmiddlewaretoken":
            continue
        if kind in {"checkbox", "radio"}:
            if re.search(r"\schecked(?=[\s>/])", tag):
                data.setdefault(name, []).append(attributes.get("value", "on"))
        else:
            data[name] = attributes.get("value", "")
    for bound in (field for each in (form, *(row for rows in formsets for row in rows.forms)) for field in each):
        if bound.html_name not in data and not hasattr(bound.field, "fields"):
            data[bound.html_name] = bound.value() or ""
    for row in (row for rows in formsets for row in rows.forms if "steps" in row.fields):
        for place, key in enumerate(row.fields["steps"].widget.decompress(row.initial.get("steps"))):
            data[f"{row.prefix}-steps_{place}"] = key or ""
    for name, options in re.findall(r'<select name="([\w-]+-result_pools_\d+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        data[name] = "".join(re.findall(r'value="([^"]*)" selected', options))
    return {name: value for name, value in data.items() if value is not None}


def save(client, campaign, button="_save", **changes):
    address = f"{LIST}{campaign.pk}/change/"
    data = fields_of(client.get(address)) | changes | {button: "1"}
    return client.post(address, data, follow=True)


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def whole(**changes):
    make_level("paid")
    parts = {
        "tasks": [task("one"), task("quiz", "quiz"), task("buy", "purchase")],
        "chains": [chain("path", "one", "quiz")],
        "pools": [pool("paid", audience={"levels": ["paid"]}), pool("all")],
        "audience": {"score_below": 100},
    }
    return draft(**parts | changes)


def test_saving_without_a_change_keeps_the_draft(admin_client):
    campaign = whole()
    before = dump(campaign)

    response = save(admin_client, campaign)

    assert "successfully" in said(response)
    assert dump(Campaign.objects.get()) == before


@pytest.mark.parametrize("place", ["x", "0", "9" * 30])
def test_a_campaign_that_is_not_there_leads_back_to_the_admin(admin_client, place):
    assert admin_client.get(f"{LIST}{place}/change/").status_code == 302


def test_ticking_an_audience_and_choosing_steps(admin_client):
    campaign = whole()
    tasks = {each.key: each.pk for each in campaign.tasks.all()}

    save(
        admin_client,
        campaign,
        **{
            "audience_levels": ["paid"],
            "audience_score_below": "",
            "chains-0-steps_0": tasks["buy"],
            "chains-0-steps_1": "",
            "chains-0-steps_2": tasks["one"],
        },
    )

    assert Campaign.objects.get().audience == {"levels": ["paid"]}
    assert list(ChainStep.objects.values_list("number", "task__key")) == [(1, "buy"), (2, "one")]


def test_a_key_that_is_unknown_stays_ticked_and_publishing_names_it(admin_client):
    campaign = whole(audience={"levels": ["gold"]})

    response = save(admin_client, campaign, "campaigns_campaign_save_and_publish")

    campaign.refresh_from_db()
    assert campaign.audience == {"levels": ["gold"]}
    assert "unknown levels: gold" in said(response)
    assert campaign.state == "draft"


def test_publishing_pausing_and_ending_by_buttons(admin_client):
    campaign = whole()
    states = []

    buttons = ("save_and_publish", "save_and_pause", "save_and_resume", "save_and_end", "archive", "unarchive")
    for button in buttons:
        save(admin_client, campaign, f"campaigns_campaign_{button}")
        campaign.refresh_from_db()
        states.append(campaign.state)

    assert states == ["live", "paused", "live", "ended", "archived", "ended"]


def test_a_form_that_was_open_meanwhile_brings_no_old_state_back(admin_client):
    campaign = whole()
    publishing.publish(campaign, by=None, now=NOW)
    data = fields_of(admin_client.get(f"{LIST}{campaign.pk}/change/"))
    pausing.pause(campaign, by=None, now=NOW)

    admin_client.post(f"{LIST}{campaign.pk}/change/", data | {"_save": "1"})

    assert Campaign.objects.get().state == "paused"


def test_the_key_stays_once_it_is_published(admin_client):
    campaign = publish()

    save(admin_client, campaign, slug="another")

    assert Campaign.objects.get().slug == "autumn"


def test_archived_campaigns_are_left_out_until_they_are_asked_for(admin_client):
    draft()
    pausing.archive(draft(slug="old"), by=None, now=NOW)

    def shown(query=""):
        return {each.slug for each in admin_client.get(f"{LIST}{query}").context["cl"].result_list}

    assert shown() == {"autumn"}
    assert shown("?state=archived") == {"old"}
    assert shown("?state=every") == {"autumn", "old"}


def test_all_faults_are_shown_at_once(admin_client):
    campaign = draft(tasks=[], pools=[pool("empty", prizes=[])])

    response = admin_client.post(LIST, {"action": "publish", "_selected_action": [campaign.pk]}, follow=True)

    assert "The campaign has no tasks." in said(response)
    assert "The pool has no prizes." in said(response)


def test_who_may_change_a_campaign_may_not_therefore_publish_it(client):
    editor = User.objects.create_user("editor", password="x", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename__in=["view_campaign", "change_campaign"]))
    client.force_login(editor)
    campaign = draft()

    page = client.get(f"{LIST}{campaign.pk}/change/")
    client.post(LIST, {"action": "publish", "_selected_action": [campaign.pk]})

    assert page.status_code == 200
    assert b"save_and_publish" not in page.content
    assert Campaign.objects.get().state == "draft"


def test_the_page_shows_the_numbers_of_who_takes_part(admin_client):
    campaign = publish(tasks=[task("one", reward={"chances": 1}), task("alone")], chains=[chain("path", "one")])
    for number in range(3):
        playing.submit(make_member(f"m{number}"), "autumn", "one", {}, now=NOW)
    playing.draw("m0", "autumn", request_key="a", roll=0, now=NOW)

    shown = admin_client.get(f"{LIST}{campaign.pk}/change/").context["overview"]

    assert (shown.participants, shown.completions, shown.chances, shown.draws) == (3, 3, 6, 1)
    assert [(bar.label, bar.count) for bar in shown.tasks.bars] == [("Task alone", 0)]
    assert [bar.count for bar in shown.chains[0].bars] == [3]
    assert [(bar.label, bar.count) for bar in shown.pools[0].bars] == [("100 points", 1)]


@pytest.mark.parametrize("model", ["revision", "enrolment", "completion"])
def test_what_happened_is_looked_at_and_never_edited(admin_client, model):
    publish()
    playing.submit(make_member(), "autumn", "check-in", {}, now=NOW)

    assert admin_client.get(f"/admin/campaigns/{model}/").status_code == 200
    assert admin_client.get(f"/admin/campaigns/{model}/add/").status_code == 403


def test_where_many_take_part_the_figures_are_counted_behind_the_page(admin_client, monkeypatch):
    campaign = publish(tasks=[task("one")])
    for number in range(2):
        campaign.enrolments.create(member=make_member(f"m{number}"), joined_at=NOW)
    assert "overview-numbers" in admin_client.get(f"{LIST}{campaign.pk}/change/").content.decode()

    monkeypatch.setattr("campaigns.overview.LARGE", 1)
    shown = admin_client.get(f"{LIST}{campaign.pk}/change/").content.decode()
    assert "overview-numbers" not in shown
    assert f'hx-get="{LIST}{campaign.pk}/figures/"' in shown

    part = admin_client.get(f"{LIST}{campaign.pk}/figures/")
    assert part.context["overview"].participants == 2
    assert "overview-numbers" in part.content.decode()
