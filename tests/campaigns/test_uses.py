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
    page = admin_client.post(f"/admin/segmentation/tag/{tag.pk}/delete/", {"post": "yes"}).content.decode()
    assert "campaign “Campaign autumn”, draft" in page
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


@pytest.mark.usefixtures("named", "reader")
@pytest.mark.parametrize(("kind", "key"), [("level", "paid"), ("tag_group", "power"), ("rfm_model", "default")])
def test_the_page_of_a_thing_lists_where_it_is_used_with_the_way_there(admin_client, named, reader, kind, key):
    campaign = draft(tasks=[task("one", audience=AUDIENCE)])
    page = admin_client.get(f"/admin/{ADDRESSES[kind]}/{named[kind].pk}/change/").content.decode()
    assert f'<a href="/admin/segmentation/segment/{reader.pk}/change/">the rule of segment “Reader”</a>' in page
    if kind != "rfm_model":
        assert (
            f'<a href="/admin/campaigns/campaign/{campaign.pk}/change/">campaign “Campaign autumn”, draft</a>' in page
        )
        assert "task “" in page


def test_what_nobody_uses_says_so(admin_client, named):
    page = admin_client.get(f"/admin/members/level/{named['unused'].pk}/change/").content.decode()
    assert "No rule and no campaign names it." in page


def segment_used_by(kind: str, base: Segment) -> str:
    """Let something of this kind use the segment; returns the words for it."""
    rule = {"version": 1, "combinator": "or", "rules": [{"field": "segment", "operator": "in", "value": [base.slug]}]}
    match kind:
        case "segment":
            Segment.objects.create(slug="second", name="Second", rule=rule)
            return "the rule of segment “Second”"
        case "package":
            origin = {"how": "combine", "steps": [{"operation": "or", "segment": base.slug, "name": base.name}]}
            Segment.objects.create(slug="pack", name="Pack", kind="package", origin=origin)
            return "the origin of package “Pack”"
        case "tag":
            group = TagGroup.objects.create(slug="auto", name="Auto")
            Tag.objects.create(group=group, slug="in", name="In", rule=rule)
            return "the rule of tag “Auto · In”"
    draft(audience={"segments_in": [base.slug]})
    return "campaign “Campaign autumn”, draft"


@pytest.mark.parametrize("kind", ["segment", "package", "tag", "campaign"])
def test_a_segment_in_use_is_not_deleted_neither_alone_nor_in_a_list(admin_client, kind):
    base = Segment.objects.create(slug="base", name="Base", rule={})
    words = segment_used_by(kind, base)
    address = "/admin/segmentation/segment/"
    chosen = {"action": "delete_selected", "_selected_action": [base.pk], "post": "yes"}
    for where, body in ((f"{address}{base.pk}/delete/", {"post": "yes"}), (address, chosen)):
        assert words in admin_client.post(where, body).content.decode()
        assert Segment.objects.filter(pk=base.pk).exists()


def test_how_a_package_came_to_be_is_no_use_of_a_segment_of_that_name():
    Segment.objects.create(slug="pack", name="Pack", kind="package", origin={"how": "upload"})
    assert uses_of(("segment", "upload")) == []


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_key_that_is_saved_cannot_be_renamed(admin_client, named, kind):
    kept = named[kind]
    inline = {"tags-TOTAL_FORMS": 0, "tags-INITIAL_FORMS": 0}
    body = {"slug": "renamed", "name": "Renamed", "label": "Renamed", "kind": kept.__dict__.get("kind", "")} | inline
    admin_client.post(f"/admin/{ADDRESSES[kind]}/{kept.pk}/change/", body)
    assert type(kept).objects.get(pk=kept.pk).slug == kept.slug


def test_a_category_that_a_rule_narrows_by_is_in_use():
    narrowed = {"field": "orders.count", "operator": ">=", "value": 1, "where": {"category": ["milk"]}}
    rule = {"version": 1, "combinator": "and", "rules": [narrowed]}
    Segment.objects.create(slug="drinkers", name="Drinkers", rule=rule)
    assert uses_of(("category", "milk")) == ["the rule of segment “Drinkers”"]
    assert uses_of(("category", "tea")) == []


def test_a_choice_that_a_rule_names_is_not_taken_away(admin_client):
    size = Attribute.objects.create(slug="size", label="Size", kind="choice", choices=["s", "m"])
    clause = {"field": "attribute.size", "operator": "in", "value": ["m"]}
    Segment.objects.create(slug="r", name="R", rule={"version": 1, "combinator": "and", "rules": [clause]})
    body = {"label": "Size", "label_en": "", "choices": "s"}
    page = admin_client.post(f"/admin/members/attribute/{size.pk}/change/", body).content.decode()
    assert "it is named in the rule of segment “R”" in page
    size.refresh_from_db()
    assert size.choices == ["s", "m"]


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
