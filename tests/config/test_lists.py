"""Every change list: searched, filtered and exported; as many statements for one row as for twenty; nothing runs."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from campaigns.models import Campaign, Enrolment
from config.empty_lists import has_words
from members.models import Level, Member
from operations.list_admin import ListAdmin
from operations.list_filters import MOST_OFFERED
from tests.config.lists import changelist
from tests.config.lives import live
from tests.config.planted import let_anything_in, listed_models, multiply

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 12
# Lists by no kind and no time, and why.
# The inbox of approvals merges several tables, by tabs and areas.
PAGES_OF_THEIR_OWN = {"operations.ApprovalRequest"}
UNFILTERED = {
    "auth.Group": "a handful of names",
    "rewards.PrizePool": "a page of names; which runs is a column",
}
GARBAGE = ["abc", "-1", "9" * 40, "0001-01-01", "'", "9999-12-31", "0000-00-00", "%", "\\", "（", "x" * 3_000, "1e9"]


def asked(user: User, **query: str):
    request = RequestFactory().get("/admin/", query)
    request.user = user
    return request


def test_every_list_is_searched_filtered_and_says_what_comes_there(admin_user):
    request, lacking = asked(admin_user), []
    for model, model_admin in admin.site._registry.items():
        label = model._meta.label
        if label in PAGES_OF_THEIR_OWN:
            continue
        if not isinstance(model_admin, ListAdmin):
            lacking.append((label, "is no list that scales"))
            continue
        filters = model_admin.get_list_filter(request)
        lacking += [
            (label, what)
            for what, there in {
                "search": model_admin.get_search_fields(request),
                "filter": filters or label in UNFILTERED,
                "words while empty": has_words(model._meta.label_lower),
            }.items()
            if not there
        ]
    assert lacking == []


def test_lists_that_grow_are_not_sorted_by_what_has_no_index(admin_user):
    request = asked(admin_user)
    sortable = set(admin.site._registry[Member].get_sortable_by(request))
    assert {"uid", "joined_at"} <= sortable
    assert not {"shown_phone", "level"} & sortable


def test_a_list_costs_as_many_statements_with_many_rows_as_with_one(admin_client):
    live()
    let_anything_in()
    costly, growing = [], []
    for model in [*listed_models(), *(each for each in admin.site._registry if each._meta.proxy)]:
        page = changelist(model)
        admin_client.get(page)
        with CaptureQueriesContext(connection) as few:
            assert admin_client.get(page).status_code == 200, page
        if not model._meta.proxy:
            multiply(model, 20)
        with CaptureQueriesContext(connection) as many:
            assert admin_client.get(page).status_code == 200, page
        if len(many) > MOST_STATEMENTS:
            costly.append((page, len(many)))
        # A filter or a prefetch that had nothing to ask for may ask once it has.
        if len(many) > len(few) + 3:
            growing.append((page, len(few), len(many)))
    assert costly == []
    assert growing == []


def test_no_search_and_no_filter_breaks_a_list(admin_user):
    live()
    broken = []
    for model, model_admin in admin.site._registry.items():
        names = ["q", "o", "p"]
        shown = model_admin.get_changelist_instance(asked(admin_user))
        names += [name for spec in shown.filter_specs for name in spec.expected_parameters() if name]
        for name in names:
            for text in GARBAGE if (model, name) in ((Member, "q"), (Member, "joined_at_from")) else GARBAGE[2:5]:
                try:
                    list(model_admin.get_changelist_instance(asked(admin_user, **{name: text})).queryset[:3])
                except IncorrectLookupParameters:
                    continue
                except Exception as error:
                    broken.append((model._meta.label, name, text[:20], repr(error)[:200]))
    assert broken == []


def test_every_list_is_put_in_order_by_each_column_that_offers_it(admin_user):
    tried = 0
    for model_admin in admin.site._registry.values():
        for number in range(len(model_admin.get_list_display(asked(admin_user)))):
            for order in (str(number), f"-{number}"):
                list(model_admin.get_changelist_instance(asked(admin_user, o=order)).queryset[:1])
                tried += 1
    assert tried > 200


def test_what_a_filter_does_not_understand_is_told(admin_client):
    page = changelist(Member)
    for rank, slug in enumerate(("base", "plus")):
        Level.objects.create(slug=slug, name=slug, kind="paid", rank=rank)
    with translation.override("en"):
        answer = admin_client.get(page, {"joined_at_from": "yesterday"}, headers={"Accept-Language": "en"})
        assert "“yesterday” is no range of days" in answer.content.decode()
        assert len(answer.context["cl"].result_list) == 0
        left_out = admin_client.get(page, {"level__id__exact": "x"}, follow=True, headers={"Accept-Language": "en"})
        assert "was left out" in left_out.content.decode()


def test_a_filter_by_campaign_reaches_also_those_that_are_too_old_to_be_offered(admin_client):
    span = {"opens_at": timezone.now(), "closes_at": timezone.now() + timedelta(days=1)}
    made = [
        Campaign(slug=f"c{number}", name="Spring fair" if number < 2 else f"Sale {number}", **span)
        for number in range(MOST_OFFERED + 5)
    ]
    oldest, *_others = Campaign.objects.bulk_create(made)
    for each in made[:4]:
        member = Member.objects.create(uid=each.slug)
        Enrolment.objects.create(campaign=each, member=member, joined_at=timezone.now())

    def found(**query):
        answer = admin_client.get(changelist(Enrolment), query)
        return {each.member.uid for each in answer.context["cl"].result_list}, answer.content.decode()

    assert f'<option value="{oldest.pk}"' not in found()[1]
    assert found(campaign__named="spring")[0] == {"c0", "c1"}
    assert found(campaign__named="spring", campaign__id__exact=oldest.pk)[0] == {"c0"}
    assert found(campaign__named="no such")[0] == set()
    assert f'<option value="{oldest.pk}" selected>' in found(campaign__id__exact=oldest.pk)[1]
    uids, page = found(campaign__named="Sale")
    # The newest that match are taken, and it is said that there are more.
    assert uids == set()
    assert f"{MOST_OFFERED}" in page
    assert "“Sale”" in page


def test_days_are_those_of_the_site_both_included(admin_client):
    now = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for uid, moment in (("a", now - timedelta(seconds=1)), ("b", now), ("c", now + timedelta(hours=23, minutes=59))):
        Member.objects.create(uid=uid, joined_at=moment)
    today = now.date().isoformat()
    found = admin_client.get(changelist(Member), {"joined_at_from": today, "joined_at_to": today})
    assert {each.uid for each in found.context["cl"].result_list} == {"b", "c"}


def test_a_list_that_is_empty_says_how_to_begin_and_a_search_what_was_searched(admin_client):
    in_english = {"headers": {"Accept-Language": "en"}}
    assert "Import a CSV file" in admin_client.get(changelist(Member), **in_english).content.decode()
    nothing = admin_client.get(changelist(Member), {"q": "nobody"}, **in_english).content.decode()
    assert "Nothing was found for “nobody”" in nothing
    assert "The beginning of the uid" in nothing
