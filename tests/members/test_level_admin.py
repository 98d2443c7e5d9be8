"""The ladder as operators build it, and levels given by hand."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from members import level_counts, level_jobs
from members.models import Level, LevelChange, Member, PaidPeriod
from operations.models import AuditRecord, Job
from tests.members.levels import level_of, new_member, short_ladder

pytestmark = pytest.mark.django_db

LIST = "/admin/members/level/"


@pytest.fixture
def levels():
    return short_ladder()


def page(level, what="change"):
    return f"{LIST}{level.pk}/{what}/" if what != "give" else reverse("admin:members_level_give", args=[level.pk])


def fields_of(level, **changes):
    names = [
        "name", "name_en", "slug", "kind", "rank", "growth_needed", "valid_months", "downgrade", "points_multiplier",
        "extra_chances", "extra_chances_period", "benefits", "benefits_en",
    ]  # fmt: skip
    values = {name: getattr(level, name) for name in names}
    return {name: "" if value is None else value for name, value in (values | changes).items()}


def test_the_list_draws_the_ladder_and_the_members_of_each_level(admin_client, levels):
    new_member("a"), new_member("b")
    Member.objects.create(uid="c", level=levels["gold"])
    text = admin_client.get(LIST, headers={"Accept-Language": "en"}).text
    assert "<svg" in text
    assert '<progress value="2" max="2"' in text
    assert '<progress value="1" max="2"' in text


def test_the_list_takes_the_same_queries_however_many_levels(admin_client, levels, django_assert_max_num_queries):
    for number in range(30):
        Level.objects.create(slug=f"p{number}", name=f"P{number}", kind="paid", rank=100 + number)
    admin_client.get(LIST)
    with django_assert_max_num_queries(16):
        admin_client.get(LIST)


def test_many_members_are_estimated(levels, monkeypatch):
    from django.db import connection

    Member.objects.bulk_create(
        Member(uid=f"m{number}", level=levels["silver" if number % 4 else "gold"]) for number in range(400)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member")
    monkeypatch.setattr(level_counts, "COUNTED_MEMBERS", 100)
    assert level_counts.members_by_level() == {levels["silver"].pk: 300, levels["gold"].pk: 100}


def test_a_changed_need_moves_all_members_by_a_job(admin_client, levels):
    answer = admin_client.post(page(levels["silver"]), fields_of(levels["silver"], growth_needed=80))
    assert answer.status_code == 302
    assert Job.objects.get(function=level_jobs.FOLLOW_LADDER).arguments["after"] == 0
    assert AuditRecord.objects.get(action="level.changed").changes["growth_needed"] == [100, 80]


def test_a_changed_text_moves_nobody(admin_client, levels):
    admin_client.post(page(levels["silver"]), fields_of(levels["silver"], benefits="生日礼遇", benefits_en="A gift"))
    levels["silver"].refresh_from_db()
    assert levels["silver"].benefits_en == "A gift"
    assert not Job.objects.exists()


@pytest.mark.parametrize("changes", [{"growth_needed": 500}, {"growth_needed": 600}, {"rank": 4}, {"growth_needed": 0}])
def test_a_higher_rank_needs_more(admin_client, levels, changes):
    answer = admin_client.post(
        page(levels["silver"]), fields_of(levels["silver"], **changes), headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 200
    assert "a higher rank must need more" in answer.text
    levels["silver"].refresh_from_db()
    assert (levels["silver"].rank, levels["silver"].growth_needed) == (2, 100)


def test_a_level_that_members_have_stays(admin_client, levels):
    new_member()
    answer = admin_client.post(f"{LIST}{levels['normal'].pk}/delete/", {"post": "yes"})
    assert answer.status_code in {200, 403}
    assert Level.objects.filter(slug="normal").exists()


def give(client, level, key="6f1c3b1e-0000-4000-8000-000000000001", **fields):
    data = {"uid": "ann", "reason": "a broken parcel", "key": key} | fields
    return client.post(page(level, "give"), data, headers={"Accept-Language": "en"})


def test_a_paid_level_is_given_by_hand_once_however_often_the_form_is_sent(admin_client, levels):
    ann = new_member()
    assert "parcel" not in admin_client.get(page(levels["plus"], "give") + "?uid=ann").text
    for _ in range(2):
        assert give(admin_client, levels["plus"]).status_code == 302
    assert (level_of(ann), PaidPeriod.objects.count()) == ("plus", 1)
    assert AuditRecord.objects.get(action="member.level_given").reason == "a broken parcel"
    assert LevelChange.objects.get().cause == "by_hand"


@pytest.mark.parametrize(
    ("uid", "reason", "words"), [("nobody", "x", "no member with this uid"), ("ann", "", "required")]
)
def test_a_member_and_a_reason_are_needed(admin_client, levels, uid, reason, words):
    new_member()
    answer = give(admin_client, levels["plus"], uid=uid, reason=reason)
    assert answer.status_code == 200
    assert words in answer.text
    assert not PaidPeriod.objects.exists()


def test_who_has_it_for_ever_is_not_given_it(admin_client, levels):
    new_member()
    Level.objects.filter(slug="plus").update(valid_months=None)
    give(admin_client, levels["plus"])
    answer = give(admin_client, levels["plus"], key="6f1c3b1e-0000-4000-8000-000000000002")
    assert "for ever already" in answer.text
    assert PaidPeriod.objects.count() == 1


def test_a_level_by_growth_is_not_given(admin_client, levels):
    new_member()
    give(admin_client, levels["gold"])
    assert not PaidPeriod.objects.exists()


def test_giving_needs_its_own_permission(client, levels):
    user = User.objects.create_user("clerk", password="clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_level", "change_level"]))
    client.force_login(user)
    new_member()
    assert give(client, levels["plus"]).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="grant_paid_level"))
    assert give(client, levels["plus"]).status_code == 302


def test_the_history_is_seen_and_not_edited(admin_client, levels):
    new_member()
    give(admin_client, levels["plus"])
    change = LevelChange.objects.get()
    assert admin_client.get("/admin/members/levelchange/?q=ann").status_code == 200
    assert admin_client.get(f"/admin/members/levelchange/{change.pk}/change/").status_code == 200
    assert admin_client.post(f"/admin/members/levelchange/{change.pk}/delete/", {"post": "yes"}).status_code == 403
