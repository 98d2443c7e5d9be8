"""What a rule or a campaign names by its key stays, and the refusal says who needs it."""

import pytest
from django.forms import inlineformset_factory, modelform_factory

from campaigns import campaign_files, pausing, publishing
from campaigns.models import Campaign, Task
from campaigns.named_rows import NamedRows
from members.models import Attribute, Level
from members.uses import uses_of
from segmentation.models import RfmModel, Segment, Tag, TagGroup
from tests.campaigns.scenes import NOW, campaign_file, draft, publish, task

pytestmark = pytest.mark.django_db
CLAUSES = [
    {"field": "level", "operator": "in", "value": ["paid"]},
    {"field": "tag.power", "operator": "!=", "value": "high"},
    {"field": "rfm.default.r", "operator": ">=", "value": 4},
    {"field": "attribute.city", "operator": "is_null"},
]
AUDIENCE = {"levels": ["paid"], "tags_none": ["power.high"]}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def named():
    """One of each thing that can be named; `unused` is a level that nobody names."""
    group = TagGroup.objects.create(slug="power", name="Power")
    return {
        "level": Level.objects.create(slug="paid", name="Paid", kind="paid", rank=8),
        "unused": Level.objects.create(slug="unused", name="Unused", kind="paid", rank=9),
        "tag_group": group,
        "tag": Tag.objects.create(group=group, slug="high", name="High"),
        "attribute": Attribute.objects.create(slug="city", label="City", kind="text"),
        "rfm_model": RfmModel.objects.get(slug="default"),
    }


@pytest.fixture
def reader():
    rule = {"version": 1, "combinator": "and", "rules": CLAUSES}
    return Segment.objects.create(slug="reader", name="Reader", rule=rule)


ADDRESSES = {
    "level": "members/level",
    "attribute": "members/attribute",
    "tag_group": "segmentation/taggroup",
    "rfm_model": "segmentation/rfmmodel",
}


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", ADDRESSES)
def test_what_a_rule_names_is_not_deleted(admin_client, named, kind):
    kept = named[kind]
    address = f"/admin/{ADDRESSES[kind]}/"
    chosen = {"action": "delete_selected", "_selected_action": [kept.pk], "post": "yes"}
    for where, body in ((f"{address}{kept.pk}/delete/", {"post": "yes"}), (address, chosen)):
        assert "the rule of segment “Reader”" in admin_client.post(where, body).content.decode()
        assert type(kept).objects.filter(pk=kept.pk).exists()


def test_what_nobody_names_is_deleted(admin_client, named, reader):
    for address, gone in (("members/level", named["unused"]), ("segmentation/segment", reader)):
        admin_client.post(f"/admin/{address}/{gone.pk}/delete/", {"post": "yes"})
        assert not type(gone).objects.filter(pk=gone.pk).exists()


def test_a_tag_in_use_is_kept_in_its_group(admin_client, named):
    draft(tasks=[task("one", audience=AUDIENCE)])
    tag = named["tag"]
    body = {"slug": "power", "name": "Power", "tags-TOTAL_FORMS": 1, "tags-INITIAL_FORMS": 1}
    body |= {"tags-0-id": tag.pk, "tags-0-slug": "high", "tags-0-name": "High", "tags-0-DELETE": "on"}
    page = admin_client.post(f"/admin/segmentation/taggroup/{tag.group_id}/change/", body).content.decode()
    assert "is in use: campaign “Campaign autumn”, draft." in page
    assert Tag.objects.filter(pk=tag.pk).exists()


@pytest.mark.usefixtures("named")
def test_a_campaign_needs_what_it_published_until_it_ends():
    campaign = publish(audience=AUDIENCE)
    campaign_files.load(campaign_file(), by=None, now=NOW)

    assert uses_of(("level", "paid")) == ["campaign “Campaign autumn”, as published"]
    assert uses_of(("tag_group", "power")) == ["campaign “Campaign autumn”, as published"]

    pausing.end(campaign, by=None, now=NOW)
    assert uses_of(("level", "paid")) == []


def test_a_segment_is_needed_by_rules_and_by_campaigns():
    rule = {"version": 1, "combinator": "or", "rules": [{"field": "segment", "operator": "in", "value": ["base"]}]}
    Segment.objects.create(slug="second", name="Second", rule=rule)
    draft(audience={"segments_not_in": ["base"]})
    assert uses_of(("segment", "base")) == ["the rule of segment “Second”", "campaign “Campaign autumn”, draft"]


FACTS = [
    {"field": "points.points.balance", "operator": ">", "value": 0},
    {"field": "participation.joined", "operator": "=", "value": "autumn"},
    {"field": "participation.finished", "operator": "in", "value": ["autumn.check-in"]},
    {"field": "participation.chains", "operator": "!=", "value": "autumn.path"},
    {"field": "participation.wins.count", "operator": "=", "value": 0, "where": {"campaign": ["spring"]}},
]


def test_a_rule_uses_the_units_campaigns_tasks_and_chains_that_it_names():
    Segment.objects.create(slug="r", name="Reader", rule={"version": 1, "combinator": "and", "rules": FACTS})
    names = [("unit", "points"), ("campaign", "autumn"), ("campaign", "spring"), ("task", "autumn.check-in")]
    for name in [*names, ("chain", "autumn.path")]:
        assert uses_of(name) == ["the rule of segment “Reader”"], name
    assert uses_of(("task", "autumn.path")) == []


def rows(campaign, **changes):
    """Return the formset of a campaign's tasks as the admin posts it, with changes to the first."""
    form = modelform_factory(Task, fields=["key"])
    made = inlineformset_factory(Campaign, Task, form=form, formset=NamedRows)
    first = campaign.tasks.first()
    data = {"tasks-TOTAL_FORMS": 1, "tasks-INITIAL_FORMS": 1, "tasks-0-id": first.pk, "tasks-0-key": first.key}
    return made(data | {f"tasks-0-{key}": value for key, value in changes.items()}, instance=campaign)


@pytest.mark.parametrize("change", [{"DELETE": "on"}, {"key": "other"}])
def test_a_task_that_a_rule_names_stays_until_it_was_published(change):
    campaign = draft()
    assert rows(campaign, **change).is_valid()
    Segment.objects.create(slug="r", name="Reader", rule={"version": 1, "combinator": "and", "rules": FACTS})
    assert rows(campaign).is_valid()
    refused = rows(campaign, **change)
    assert not refused.is_valid()
    assert "it is named in the rule of segment “Reader”" in str(refused.non_form_errors())
    publishing.publish(campaign, by=None, now=NOW)
    assert rows(campaign, **change).is_valid()
