"""A preview shows the pages as they would be, and the whole database is what it was. One demo shop for all tests."""

import re
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from campaigns import published, sandbox
from campaigns.made_up import Profile
from campaigns.models import Campaign, Offer, Revision, Task
from campaigns.playing_before import CHECKED_IN, COMPLETED, ORDERED, Before
from campaigns.sandbox import World
from demo import loading
from demo.carnival import SLUG
from members.models import Member
from members.participants import COOKIE, cookie_value
from operations import undone
from operations.templatetags import pictures as picture_tags
from rewards import catalogue
from rewards.models import MallItem

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("preview")]
EARLIER = (Before(CHECKED_IN, "sign-in", 2), Before(ORDERED, amount="120.00"), Before(COMPLETED, "tour"))
LEVELS = ("normal", "growth", "paid")


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo of 200 members, with a task of every kind, and an operator who is signed in."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched, transaction.atomic():
        patched.setattr("django.conf.settings.DATA_DIR", tmp_path_factory.mktemp("data"))
        patched.setattr("django.conf.settings.MEDIA_ROOT", tmp_path_factory.mktemp("media"))
        # A slow machine is no fault of the preview.
        patched.setattr(undone, "SECONDS", 60)
        call_command("load_demo", members=200, language="zh-hans", stdout=StringIO(), stderr=StringIO())
        client = Client()
        client.force_login(User.objects.create_superuser("previewer"))
        yield client
        transaction.set_rollback(True)


def everything():
    """Each table of the database: how many rows, and a sum over their contents."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        counted = " UNION ALL ".join(
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM \"{name}\" t"
            for name in tables
        )
        cursor.execute(counted)
        return {name: (rows, contents) for name, rows, contents in cursor.fetchall()}


def kept():
    """What is kept in memory from one request to the next, but for revisions that there are."""
    there = set(Revision.objects.values_list("pk", flat=True))
    made_up = {each for each in published._kept if each[0] not in there}
    others = (catalogue._pools, catalogue._names, caches["fragments"]._cache)
    return made_up.union(*others)


def farm():
    return Campaign.objects.get(slug=SLUG)


def host():
    return Member.objects.get(uid=loading.newcomers()["growth"])


def world(*, draft=False, before=(), member=True, at=None, campaign=None, **profile):
    who = {"member_id": host().pk} if member else {"profile": Profile(**profile)}
    return World((campaign or farm()).pk, draft, at or timezone.now(), before=before, **who)


def address(of, path):
    prefix = reverse("admin:campaigns_campaign_preview_frame", args=[of.campaign_id, of.token(), "x"])
    return prefix.removesuffix("x") + path


def pages():
    """Every page of the campaign, by its path below /h5/."""
    here, campaign = f"h5/c/{SLUG}/", farm()
    yield from ("h5/", here, f"{here}draw/", f"{here}board/", f"{here}energy/", f"{here}offers/", "h5/mall/")
    yield from ("h5/me/", "h5/me/level/", "h5/me/points/")
    yield from (f"{here}t/{key}/" for key in Task.objects.filter(campaign=campaign).values_list("key", flat=True))
    yield from (f"{here}o/{key}/" for key in Offer.objects.filter(campaign=campaign).values_list("key", flat=True))
    yield f"h5/mall/{MallItem.objects.first().slug}/"


def text_of(response):
    return unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.slow
@pytest.mark.parametrize("before", [(), EARLIER], ids=["as it stands", "after earlier moves"])
@pytest.mark.parametrize("member", [True, False], ids=["a member", "a made-up one"])
def test_every_page_leaves_the_database_as_it_was(shop, member, before):
    was, seen = everything(), world(member=member, before=before, **({} if member else {"level": "growth"}))
    session = dict(shop.session)
    for path in pages():
        response = shop.get(address(seen, path))
        assert response.status_code in {200, 404}, (path, response.status_code)
        if response.status_code == 200:
            assert "preview-banner" in response.content.decode(), path
        assert COOKIE not in response.cookies
        assert "device" not in response.cookies
    assert everything() == was
    assert dict(shop.session) == session


@pytest.mark.slow
@pytest.mark.parametrize("slug", ["win-back", "spring-quiz", SLUG])
def test_a_draft_is_shown_and_leaves_nothing_behind_not_even_in_memory(shop, slug):
    campaign = Campaign.objects.get(slug=slug)
    was, remembered = everything(), kept()
    seen = world(draft=True, member=False, campaign=campaign, at=campaign.opens_at + timedelta(hours=1))
    response = shop.get(address(seen, f"h5/c/{slug}/"))
    assert campaign.name in text_of(response)
    assert everything() == was
    # What is full lets go of what is oldest.
    assert kept() - remembered == set()


def test_each_face_says_what_it_is_shown_and_why_not_the_rest(shop):
    days = Campaign.objects.get(slug="double-twelve")
    worlds = [world(member=False, campaign=days, level=level) for level in LEVELS]
    was = everything()
    with translation.override("en"):
        page = shop.get(
            reverse("admin:campaigns_campaign_preview", args=[days.pk]), {"world": [each.token() for each in worlds]}
        )
    faces = page.context["faces"]
    shown = [
        [part.shown for group in face["groups"] for part in group.parts if part.asked and part.title] for face in faces
    ]
    assert len(faces) == 3
    assert len({tuple(each) for each in shown}) == 3
    reasons = {part.reason for face in faces for group in face["groups"] for part in group.parts if not part.shown}
    assert reasons - {""}
    assert everything() == was


def test_after_three_check_ins_the_streak_is_three_and_it_is_friday(shop):
    friday = timezone.now() + timedelta(days=4)
    seen = world(member=False, at=friday, before=(Before(CHECKED_IN, "sign-in", 3),))
    response = shop.get(address(seen, f"h5/c/{SLUG}/t/sign-in/"))
    assert response.context["streak"] == 3
    assert response.context["now"] == friday


def test_a_form_is_answered_and_what_it_did_goes_on_in_the_address_alone(shop):
    seen, was = world(member=False), everything()
    page = shop.get(address(seen, f"h5/c/{SLUG}/t/sign-in/"))
    key = re.search(r'name="request_key" value="([^"]+)"', page.content.decode())[1]
    answer = shop.post(address(seen, f"h5/c/{SLUG}/t/sign-in/"), {"request_key": key})
    assert answer.status_code == 303
    after = shop.get(answer["Location"])
    assert after.context["streak"] == 1
    assert list(after.context["messages"])
    assert everything() == was
    # The page before it is what it was.
    assert shop.get(address(seen, f"h5/c/{SLUG}/t/sign-in/")).context["streak"] == 0


def test_the_links_of_a_page_stay_inside_the_preview(shop):
    response = shop.get(address(world(), f"h5/c/{SLUG}/"))
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', response.content.decode()))
    outside = {each for each in links if not each.startswith(("/static/", "/admin/campaigns/campaign/"))}
    assert outside == set()
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert "script-src 'none'" in response["Content-Security-Policy"]


def test_what_a_preview_shows_leads_no_member_into_the_admin(shop):
    # As if nobody had looked at anything since the process began.
    picture_tags.picture.forget()
    picture_tags.framed_picture.forget()
    caches["fragments"].clear()
    phone = Client()
    phone.cookies[COOKIE] = cookie_value(host().pk)
    pictures = 0
    for path in pages():
        previewed = shop.get(address(world(), path)).content.decode()
        page = phone.get(f"/{path}").content.decode()
        pictures += page.count("<img")
        assert "/admin/" in previewed, path
        assert "/admin/" not in page, path
    assert pictures > 0


def test_nothing_is_drawn_and_the_preview_says_so(shop):
    was = everything()
    with translation.override("en"):
        response = shop.post(address(world(), f"h5/c/{SLUG}/draw/"), {}, headers={"accept-language": "en"})
    assert "preview-nothing" in response.content.decode()
    assert everything() == was


@pytest.mark.parametrize("path", ["h5/me/awards/", "h5/me/inbox/", "h5/me/privacy/", "h5/enter/", "h5/me/leave/"])
def test_what_is_a_members_own_is_not_shown(shop, path):
    assert "preview-nothing" in shop.get(address(world(), path)).content.decode()


@pytest.mark.parametrize("path", ["admin/", "api/v1/schema/", "h5/../admin/", "h5/none/of/it/"])
def test_no_other_address_is_played(shop, path):
    assert shop.get(address(world(), path)).status_code == 404


def test_a_damaged_address_is_told_and_another_campaigns_is_none(shop):
    seen = world()
    assert "preview-nothing" in shop.get(address(seen, "h5/").replace(seen.token(), "x:y")).content.decode()
    other = Campaign.objects.get(slug="double-twelve").pk
    assert shop.get(address(seen, "h5/").replace(f"/{seen.campaign_id}/", f"/{other}/")).status_code == 404


def test_who_may_not_look_at_members_makes_profiles_up(shop):
    operator = User.objects.create_user("looks-only", is_staff=True)
    operator.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    client = Client()
    client.force_login(operator)
    assert client.get(address(world(), f"h5/c/{SLUG}/")).status_code == 403
    assert client.get(address(world(member=False), f"h5/c/{SLUG}/")).status_code == 200
    form = client.get(reverse("admin:campaigns_campaign_preview", args=[farm().pk]))
    assert "member" not in form.context["form"].fields


def asked(**said):
    usual = {"who": "made_up", "level": "growth", "score": "5", "at_0": "2026-11-27", "at_1": "20:00"}
    return usual | {"version": "published"} | said


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"at_0": "0001-01-01"}, "at"),
        ({"at_0": "9999-12-31"}, "at"),
        ({"at_1": "99:99"}, "at"),
        ({"score": "1e9999"}, "score"),
        ({"level": "nobody"}, "level"),
        ({"tags": "no.such"}, "tags"),
        ({"days": "99999"}, "days"),
        ({"order": "NaN"}, "order"),
        ({"who": "member", "member": "no such member"}, "member"),
        ({"who": "member", "member": ""}, "member"),
        ({"who": "member", "member": "qm-0"}, "member"),
    ],
)
def test_what_cannot_be_shown_is_told_at_its_field(shop, said, field):
    page = shop.get(reverse("admin:campaigns_campaign_preview", args=[farm().pk]), asked(**said))
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {field}


def test_a_form_leads_to_the_face_and_another_one_stands_beside_it_at_the_same_moment(shop):
    here = reverse("admin:campaigns_campaign_preview", args=[farm().pk])
    first = shop.get(here, asked(days="3"), follow=True)
    [token] = first.context["tokens"]
    second = shop.get(here, asked(level="paid", at_0="2026-11-28", another="1", world=token), follow=True)
    worlds = [sandbox.read(each) for each in second.context["tokens"]]
    assert [each.profile.level for each in worlds] == ["growth", "paid"]
    assert len({each.at for each in worlds}) == 1


def test_what_could_not_have_been_done_before_is_told(shop):
    seen = world(member=False, before=(Before(COMPLETED, "no-such-task"),))
    page = shop.get(reverse("admin:campaigns_campaign_preview", args=[farm().pk]), {"world": seen.token()})
    [(_, reason)] = page.context["faces"][0]["before"]
    assert reason


def test_a_preview_that_takes_too_long_says_so(shop, monkeypatch):
    monkeypatch.setattr(undone, "SECONDS", 0)
    response = shop.get(address(world(), f"h5/c/{SLUG}/"))
    assert response.status_code == 503
    assert "preview-nothing" in response.content.decode()
