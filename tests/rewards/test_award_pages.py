"""My prizes, and each of them: for its owner, and nobody else."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from members.models import Member
from members.participants import sign_in
from rewards import awards, checking_off
from rewards.models import Award
from rewards.reversing import reverse_award
from rewards.vouchers import voucher_of
from tests.rewards import at_counter, build

pytestmark = pytest.mark.django_db

LIST = "/h5/me/awards/"
DAY = timedelta(days=1)


@pytest.fixture
def ann():
    return Member.objects.create(uid="ann")


@pytest.fixture
def visitor(client, ann):
    answer = HttpResponse()
    sign_in(answer, ann, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def give(member, gift, key="a", now=None, **more):
    return awards.grant_award(gift, member.pk, key=key, source="campaign:autumn", now=now or timezone.now(), **more)


def page_of(visitor, award):
    return visitor.get(f"{LIST}{award.pk}/").text


def test_a_coupon_is_shown_with_its_terms_its_code_its_voucher_and_a_qr_code(visitor, ann):
    milk = build.coupon("milk", 1, valid_days=3, face_value=20, threshold=100, description="For <b>milk</b> only.")
    milk.outlets.add(at_counter.outlet("west"))
    award = give(ann, milk)
    text = page_of(visitor, award)
    for words in ("Milk", "¥20 off when you spend ¥100", "For &lt;b&gt;milk&lt;/b&gt; only.", "milk-0", "West Lake",
                  voucher_of(award.pk), "Expires in 3 days", "Received"):  # fmt: skip
        assert words in text
    assert re.search(r'<svg[^>]*class="qr-code"', text)
    assert " style=" not in text


def test_the_qr_code_is_the_address_at_which_the_staff_check_it_off(visitor, ann, monkeypatch):
    drawn = []
    monkeypatch.setattr("rewards.award_pages.svg_of", lambda text: drawn.append(text) or "")
    award = give(ann, build.gift("mug", "shared_coupon"))
    page_of(visitor, award)
    assert drawn == [f"http://testserver/staff/check-off/{voucher_of(award.pk)}/"]


def test_another_s_prize_is_not_there_and_a_stranger_is_told_how_to_get_in(visitor, ann, client):
    eve = Member.objects.create(uid="eve")
    hers = give(eve, build.coupon("milk", 1))
    thanks = give(ann, build.gift("thanks"), "thanks")
    for number in (hers.pk, thanks.pk, 999, 2**63, 10**30):
        assert visitor.get(f"{LIST}{number}/").status_code == 404
    client.cookies.clear()
    assert [client.get(address).status_code for address in (LIST, f"{LIST}{hers.pk}/")] == [403, 403]


@pytest.mark.parametrize("how", ["used", "expired", "reversed"])
def test_a_prize_that_is_over_shows_neither_code_nor_voucher(visitor, ann, how):
    now = timezone.now()
    gift = build.gift("milk", "shared_coupon", shared_code="SAVE10", valid_days=3)
    award = give(ann, gift, now=now - 9 * DAY if how == "expired" else now)
    if how == "used":
        checking_off.redeem(award.pk, outlet=at_counter.outlet("west"), by=None, now=now)
    if how == "reversed":
        reverse_award(award.pk, by=None, reason="a mistake", now=now)
    text = page_of(visitor, award)
    assert {"used": "Used at West Lake", "expired": "Expired", "reversed": "Taken back"}[how] in text
    assert "SAVE10" not in text
    assert voucher_of(award.pk) not in text
    assert "qr-code" not in text


@pytest.mark.parametrize(
    ("kind", "fields", "words", "way"),
    [
        ("points", {"amount": 100}, "The points are in your account.", "/h5/me/points/"),
        ("growth", {"amount": 100}, "counts towards your level", "/h5/me/level/"),
        ("chances", {"amount": 2}, "2 draw chances", "/h5/c/autumn/draw/"),
        ("link", {"link": "https://example.com/x"}, "Open it whenever you like.", "https://example.com/x"),
        ("physical", {}, "Tell us where to send your prize.", "/address/"),
        ("red_packet", {"provider": "bank", "face_value": 5}, "The money is on its way to you.", ""),
    ],
)  # fmt: skip
def test_each_kind_says_what_comes_next(visitor, ann, kind, fields, words, way):
    award = give(ann, build.gift("given", kind, **fields), scope="campaign:autumn")
    text = page_of(visitor, award)
    assert words in text
    assert way in text


@pytest.mark.parametrize("scope", ["pool:x y", "task:one", "campaign:../../x"])
def test_chances_of_no_campaign_lead_nowhere(visitor, ann, scope):
    award = give(ann, build.gift("given", "chances", amount=2, draws_in=scope))
    assert "To the draw" not in page_of(visitor, award)


def test_a_coupon_before_its_time_says_from_when(visitor, ann):
    award = give(ann, build.gift("mug", "shared_coupon", valid_from=timezone.now() + DAY))
    text = page_of(visitor, award)
    assert "It can be used from" in text
    assert "Not yet usable" in text


@pytest.mark.parametrize(
    ("left", "words"),
    [(timedelta(hours=1), "Expires today"), (timedelta(days=1), "Expires in 1 day"), (timedelta(days=40), "Use it by")],
)
def test_the_list_counts_the_days(visitor, ann, left, words, time_machine):
    # Noon in Shanghai.
    time_machine.move_to("2026-11-22T12:00:00+08:00", tick=False)
    give(ann, build.gift("mug", "shared_coupon", valid_until=timezone.now() + left))
    assert words in visitor.get(LIST).text


def test_what_runs_out_at_midnight_expires_today(visitor, ann, time_machine):
    time_machine.move_to("2026-11-22T12:00:00+08:00", tick=False)
    give(ann, build.gift("mug", "shared_coupon", valid_until=timezone.now() + timedelta(hours=12)))
    assert "Expires today" in visitor.get(LIST).text


def test_the_list_pages_and_keeps_to_what_is_usable(visitor, ann, django_assert_max_num_queries):
    mug = build.gift("mug", "shared_coupon", valid_days=3)
    for number in range(31):
        give(ann, mug, str(number))
    give(ann, mug, "old", now=timezone.now() - 9 * DAY)
    give(ann, build.gift("plus", "points", amount=5), "plus")
    with django_assert_max_num_queries(2):  # member, awards
        first = visitor.get(LIST)
    assert first.text.count('class="award ') == 30
    assert visitor.get(f"{LIST}?before={first.context['next_before']}").text.count('class="award ') == 3
    usable = visitor.get(f"{LIST}?show=usable")
    rest = visitor.get(f"{LIST}?show=usable&before={usable.context['next_before']}").text
    assert (usable.text.count('class="award '), rest.count('class="award ')) == (30, 1)
    assert "Plus" not in usable.text + rest


@pytest.mark.parametrize("query", ["?before=x", "?before=" + "9" * 40, "?show=%00", "?before=%00"])
def test_a_list_asked_for_wrongly_is_the_whole_list(visitor, ann, query):
    give(ann, build.gift("mug", "shared_coupon"))
    assert visitor.get(LIST + query).text.count('class="award ') == 1


def test_looking_changes_nothing_of_the_award(visitor, ann):
    award = give(ann, build.coupon("milk", 1))
    page_of(visitor, award)
    assert Award.objects.get().state == "granted"


def test_a_physical_gift_asks_for_an_address_only_as_long_as_one_is_taken(visitor, ann):
    cup = build.gift("cup", "physical", valid_days=3)
    over = give(ann, cup, key="old", now=timezone.now() - 4 * DAY)
    assert "Give your address" in page_of(visitor, give(ann, cup))
    text = page_of(visitor, over)
    assert "Give your address" not in text
    assert "The time to give an address for this prize is over." in text


def test_a_prize_taken_back_says_whom_to_ask(visitor, ann):
    award = give(ann, build.coupon("milk", 1))
    reverse_award(award.pk, by=None, reason="test", now=timezone.now())
    assert "ask its customer service" in page_of(visitor, award)


def test_a_prize_that_is_not_there_leads_to_those_that_are(visitor):
    for address in (f"{LIST}1/", f"{LIST}{10**30}/", f"{LIST}1/address/"):
        answer = visitor.get(address + "?c=autumn&t=0958d9")
        assert (answer.status_code, f'href="{LIST}?c=autumn&amp;t=0958d9"' in answer.text) == (404, True)


@pytest.mark.parametrize("count", [1, 25])
def test_the_list_and_a_prize_take_as_many_queries_whatever_their_number(
    visitor, ann, count, django_assert_num_queries
):
    milk = build.coupon("milk", count)
    given = [give(ann, milk, key=str(number)) for number in range(count)]
    with django_assert_num_queries(2):  # member, awards
        visitor.get(LIST)
    with django_assert_num_queries(4):  # member, award, outlets, the code first seen
        visitor.get(f"{LIST}{given[0].pk}/")
    with django_assert_num_queries(3):
        visitor.get(f"{LIST}{given[0].pk}/")
