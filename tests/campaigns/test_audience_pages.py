"""Every audience of every form says how many members it admits: asked while it is ticked, by whoever meets the form."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.contrib.auth.models import Permission
from django.db.models import JSONField
from django.test import RequestFactory
from django.utils import timezone
from pyroaring import BitMap

from campaigns.audience_field import AudienceField
from campaigns.models import Chain, ChainStep, Task
from campaigns.quotas_field import QuotasField
from segmentation import member_sets
from segmentation.models import Segment
from tests.campaigns.scenes import chain, draft, make_level, make_member, task
from tests.filled_forms import sent_by

pytestmark = pytest.mark.django_db
COUNT = "/admin/campaigns/campaign/audience-count/"
# The fields that hold audiences, by name, in whatever model.
HOLD_AUDIENCES = {"audience", "skip", "quotas"}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def people():
    plus, gold = make_level("plus", 1), make_level("gold", 2)
    for number in range(4):
        make_member(f"p-{number}", level=plus)
    make_member("g", level=gold)
    for number in range(5):
        make_member(f"n-{number}", level=None)


def answered(client, name, typed):
    """The count, and the element that takes the place of the field's words."""
    answer = client.post(COUNT, typed, headers={"HX-Trigger": f"id_{name}_count", "HX-Request": "true"})
    assert answer.status_code == 200
    count, start, words = answer.content.decode().partition('<span class="audience-chosen"')
    return count, start + words


def asked(client, name="audience", **typed):
    return text_of(answered(client, name, typed)[0])


def text_of(fragment):
    return " ".join(re.sub(r"<[^>]+>", " ", fragment).split())


def test_what_is_ticked_is_said_in_the_words_of_the_saved_form(admin_client, people):
    typed = {"audience_levels": ["gold", "unheard"], "audience_score_from": "5"}
    _count, words = answered(admin_client, "audience", typed)
    assert 'id="id_audience_said" hx-swap-oob="true"' in words
    campaign = draft(audience={"levels": ["gold", "unheard"], "score_from": 5})
    form = admin_client.get(f"/admin/campaigns/campaign/{campaign.pk}/build/audience/").content.decode()
    saved = form.partition('id="id_audience_said"')[2].partition('<span class="audience-everyone">')[0]
    assert text_of(words) == "One of these levels gold, unheard Campaign score from 5"
    assert text_of(f"<span {saved}") == text_of(words)


def test_of_nothing_ticked_nothing_is_said(admin_client, people):
    _count, words = answered(admin_client, "audience", {})
    assert ' hx-swap-oob="true"></span>' in words


def test_the_count_is_told_with_its_share(admin_client, people):
    assert asked(admin_client, audience_levels=["plus"]) == "4 of 10 members · 40.0 %"
    assert asked(admin_client).startswith("10 of 10 members · 100.0 %")
    assert "These are all members." in asked(admin_client)


def test_nobody_is_a_warning(admin_client, people):
    assert "Nobody is in this audience now." in asked(admin_client, audience_levels=["no-such"])


def test_what_is_in_a_campaign_is_counted_within_its_audience_as_it_is_typed(admin_client, people):
    typed = {"campaign_audience": "audience", "audience_levels": ["plus"], "chains-0-audience_levels": ["plus", "gold"]}

    assert asked(admin_client, "chains-0-audience", **typed) == (
        "5 of 10 members · 50.0 % 4 of the 4 members of the campaign"
    )
    assert asked(admin_client, **typed) == "4 of 10 members · 40.0 %"


def test_what_is_in_a_campaign_is_counted_within_its_audience_as_it_was_saved(admin_client, people):
    campaign = draft(audience={"levels": ["gold"]})

    told = asked(admin_client, audience_levels=["plus"], of_campaign=str(campaign.pk))
    assert "0 of the 1 member of the campaign" in told
    assert "None of them is in the campaign&#x27;s own audience" in told


def test_a_segment_that_is_stale_or_not_computed_is_named(admin_client, people):
    old = timezone.now() - timedelta(days=3, hours=1)
    held = member_sets.store(BitMap([1]))
    Segment.objects.create(slug="old", name="Old", rule={}, members=held, refreshed_at=old, every_minutes=60)
    Segment.objects.create(slug="fresh", name="Fresh", rule={}, members=held, refreshed_at=timezone.now())
    Segment.objects.create(slug="new", name="New", rule={})

    told = asked(admin_client, audience_segments_in=["old", "fresh", "new"])
    assert "Segment “Old” is stale: it was computed 3 days" in told
    assert "Segment “New” is not computed yet" in told
    assert "Fresh" not in told


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("-1", "Ensure this value is greater than or equal to 0."),
        ("x", "Enter a whole number."),
        ("9" * 40, "Ensure this value is less than or equal to 2147483647."),
        ("\x00", "Enter a whole number."),
    ],
)
def test_a_number_that_is_none_is_said(admin_client, typed, told):
    assert asked(admin_client, audience_score_from=typed) == told


@pytest.mark.parametrize("key", ["x" * 100, "a.b", "'"])
def test_keys_that_do_not_exist_are_nobody_s(admin_client, people, key):
    for part in ("levels", "tag_groups", "tags_any", "tags_all", "segments_in"):
        assert asked(admin_client, **{f"audience_{part}": [key]}).startswith("0 of 10 members")


@pytest.mark.parametrize("part", ["levels", "tags_none", "segments_not_in"])
def test_keys_that_cannot_be_stored_are_refused_in_the_form(admin_client, part):
    words = "The text holds characters that cannot be stored."
    assert asked(admin_client, **{f"audience_{part}": ["a\x00"]}) == words
    campaign = draft()
    url = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    form = sent_by(admin_client.get(url).content.decode())
    answer = admin_client.post(url, form | {f"audience_{part}": ["a\x00"], "_save": "1"})
    assert words in answer.content.decode()


def test_whoever_may_see_neither_campaigns_nor_the_mall_is_refused(client, django_user_model):
    user = django_user_model.objects.create_user("ann", is_staff=True)
    client.force_login(user)
    assert client.post(COUNT).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_mallitem"))
    assert client.post(COUNT).status_code == 200
    assert client.get(COUNT).status_code == 405


def forms_of_the_admin(request):
    for model, own in admin.site._registry.items():
        yield model, own
        for inline in getattr(own, "inlines", ()):
            yield inline.model, inline(model, admin.site)


def test_no_audience_of_any_form_is_without_its_count(rf: RequestFactory, admin_user):
    request = rf.get("/", {"kind": "checkin"})
    request.user = admin_user
    found = set()
    for model, own in forms_of_the_admin(request):
        for db_field in model._meta.get_fields():
            if not isinstance(db_field, JSONField) or db_field.name not in HOLD_AUDIENCES:
                continue
            if own.fields and db_field.name not in flatten(own.fields):
                continue
            field = own.formfield_for_dbfield(db_field, request)
            assert isinstance(field, AudienceField | QuotasField), f"{model.__name__}.{db_field.name}"
            drawn = field.widget.render("x", field.prepare_value(None), {})
            assert f'hx-post="{COUNT}"' in drawn
            found.add(f"{model.__name__}.{db_field.name}")
    assert found == {
        "Campaign.audience",
        "Chain.audience",
        "ChainStep.skip",
        "CampaignPool.audience",
        "MallItem.audience",
        "Offer.audience",
        "Task.audience",
        "Task.quotas",
    }


def test_the_fields_of_tasks_and_steps_name_their_campaign(admin_client):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("way", "one", "two")])
    assert Chain.objects.count() == 1

    for address in (
        f"task/{Task.objects.get(key='one').pk}/change/",
        f"chainstep/{ChainStep.objects.first().pk}/change/",
        f"task/add/?campaign={campaign.pk}&kind=checkin",
        f"campaign/{campaign.pk}/change/",
    ):
        text = admin_client.get(f"/admin/campaigns/{address}").content.decode()
        assert f'hx-vals=\'{{"of_campaign": "{campaign.pk}"}}\'' in text, address
        assert "campaigns/audience_counts.js" in text
