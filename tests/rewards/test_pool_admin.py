"""Prize pools in the admin: the editor of odds, publishing with a reason, lists, versions and fairness."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from operations.models import AuditRecord
from rewards import pools
from rewards.drawing import draw
from rewards.models import PoolListing, Prize, PrizePool, Quota
from rewards.odds import SCALE
from rewards.periods import day_of
from tests.rewards.build import NOW, SCOPE, gift, members, pool, with_chances
from tests.rewards.test_admin import row, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def desk():
    desk = Client()
    desk.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return desk


@pytest.fixture
def draft():
    gold = gift("gold", "shared_coupon", face_value=100, cost=40)
    return pool((gold, 10_000, 10), consolation=(gift("thanks"), SCALE - 10_000))


def form(draft, *percents, **more):
    """Return what the form of the pool sends, with the prizes' odds in percent."""
    prizes = list(draft.prizes.select_related("gift"))
    data = {"name": draft.name, "slug": draft.slug, "stage": draft.stage, "prizes-TOTAL_FORMS": len(prizes)}
    data |= {"prizes-INITIAL_FORMS": len(prizes)}
    for number, (prize, percent) in enumerate(zip(prizes, percents, strict=True)):
        sent = row(prize.gift, percent, id=prize.pk, pool=draft.pk, stock=prize.stock or "")
        sent |= {"consolation": "on"} if prize.consolation else {}
        data |= {f"prizes-{number}-{name}": value for name, value in sent.items()}
    return data | more


def page(draft):
    return f"/admin/rewards/prizepool/{draft.pk}/change/"


@pytest.mark.parametrize(
    ("how", "odds"),
    [("consolation", [20_000, 980_000]), ("proportion", [222_222, 777_778]), ("evenly", [475_000, 525_000])],
)
def test_without_javascript_the_odds_are_spread_as_they_are_saved(desk, draft, how, odds):
    answer = desk.post(page(draft), form(draft, "2", "7", _spread=how), follow=True)
    assert "total exactly 100 % now" in answer.content.decode()
    assert list(draft.prizes.values_list("odds", flat=True)) == odds


def test_what_cannot_be_spread_is_said(desk, draft):
    draft.prizes.filter(consolation=True).update(consolation=False)
    answer = desk.post(page(draft), form(draft, "2", "7", _spread="consolation"), follow=True)
    assert "cannot be spread that way" in answer.content.decode()


def test_what_is_typed_is_reckoned_and_nothing_is_saved(desk, draft):
    data = form(draft, "50", "50", pool=draft.pk, guarantee_after="10", **{"prizes-0-per_day": "3"})
    text = desk.post("/admin/rewards/prizepool/preview/", data).content.decode()
    assert "¥20" in text, "half of 40"
    assert "¥50" in text, "half of 100"
    assert "Released by time" in text
    assert "A guaranteed win needs both" in text
    assert "¥20,000" in text, "a thousand draws"
    assert draft.prizes.get(key="gold").odds == 10_000


@pytest.mark.parametrize("data", [{}, {"prizes-TOTAL_FORMS": "x"}, {"pool": "9" * 30}, {"pool": "0"}])
def test_a_preview_of_nonsense_is_no_error(desk, data):
    assert desk.post("/admin/rewards/prizepool/preview/", data).status_code == 200


def launch(draft):
    version = pools.publish_pool(draft, by=None, now=NOW)
    (member,) = with_chances(1)
    draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="a", roll=0, now=NOW)


def test_a_draft_that_is_worse_shows_each_point_and_needs_a_reason(desk, draft):
    launch(draft)
    answer = desk.post(page(draft), form(draft, "0.5", "99.5", _publish="1"), follow=True).content.decode()
    assert "After the launch a pool changes only in the participants&#x27; favour" in answer
    assert "The odds of “Gold” fall from 1 % to 0.5 %." in answer
    assert 'name="reason"' in answer
    desk.post(page(draft), form(draft, "0.5", "99.5", _publish="1", reason="A typing error"))
    version = draft.versions.get(number=2)
    assert version.reason == "A typing error"
    shown = desk.get(f"/admin/rewards/poolversion/{version.pk}/change/").content.decode()
    assert "“Gold”: odds: from 1 % to 0.5 %" in shown
    assert "A typing error" in shown


def test_who_may_not_decide_that_is_not_asked_for_a_reason(draft):
    launch(draft)
    Prize.objects.filter(key="gold").update(odds=5_000)
    Prize.objects.filter(key="thanks").update(odds=995_000)
    editor = signed_in("change_prizepool", "view_prizepool", "publish_prizepool", "change_prize", "view_prize")
    assert 'name="reason"' not in editor.get(page(draft)).content.decode()
    data = form(draft, "0.5", "99.5", _publish="1", reason="x" * 500)
    assert "fall from 1 %" in editor.post(page(draft), data, follow=True).content.decode()
    assert draft.versions.count() == 1


def test_the_page_shows_what_is_left_and_what_today_has_released(desk, draft):
    Prize.objects.filter(key="gold").update(per_day=5)
    launch(draft)
    Quota.objects.create(member=None, key=f"release:wheel:gold:{day_of(timezone.now())}", allowed=5, used=4)
    text = desk.get(page(draft)).content.decode()
    assert "1 of 10 given" in text
    assert "4 / 5" in text


def test_fairness_sets_each_share_beside_its_odds(desk, draft):
    launch(draft)
    text = desk.get(f"/admin/rewards/prizepool/{draft.pk}/fairness/").content.decode()
    assert "hit 1 times, given 1 times" in text
    assert "Too few draws" in text
    assert desk.get("/admin/rewards/prizepool/0/fairness/").status_code == 302


def test_fairness_and_preview_need_a_permission(draft):
    nobody = signed_in("view_gift")
    assert nobody.get(f"/admin/rewards/prizepool/{draft.pk}/fairness/").status_code == 403
    assert nobody.post("/admin/rewards/prizepool/preview/", {}).status_code == 403


def test_members_are_listed_by_uid_with_a_reason(desk, draft):
    members(2)
    data = {"pool": draft.pk, "kind": "black", "prize": "gold", "uids": "m0\n m1 \nufo", "reason": "Staff"}
    answer = desk.post("/admin/rewards/poollisting/add/", data, follow=True).content.decode()
    assert "2 members are on the list now." in answer
    assert "1 uid is unknown: ufo" in answer
    assert set(PoolListing.objects.values_list("member__uid", "prize", "listed_by__username")) == {
        ("m0", "gold", "chief"), ("m1", "gold", "chief"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "This field is required"),
        ({"uids": " "}, "This field is required"),
        ({"uids": "\n".join(map(str, range(1_001)))}, "At most 1000 at once"),
        ({"prize": "thanks"}, "no such prize besides its consolation prize"),
        ({"pool": 0}, "Select a valid choice"),
    ],
)
def test_a_list_that_cannot_be_is_refused_with_a_reason(desk, draft, changes, said):
    members(1)
    data = {"pool": draft.pk, "kind": "black", "prize": "", "uids": "m0", "reason": "Staff"} | changes
    assert said in desk.post("/admin/rewards/poollisting/add/", data).content.decode()
    assert not PoolListing.objects.exists()


def test_members_are_taken_off_with_a_reason(desk, draft):
    members(1)
    data = {"pool": draft.pk, "kind": "white", "prize": "", "uids": "m0", "reason": "Friends"}
    desk.post("/admin/rewards/poollisting/add/", data)
    chosen = {"action": "remove", "_selected_action": PoolListing.objects.get().pk}
    address = desk.post("/admin/rewards/poollisting/", chosen).url
    assert "Friends" in desk.get(address).content.decode()
    desk.post(address, {"reason": ""})
    assert PoolListing.objects.exists()
    desk.post(address, {"reason": "No friends any more"})
    assert not PoolListing.objects.exists()
    assert AuditRecord.objects.filter(action="pool_listing.removed", reason="No friends any more").count() == 1


def test_lists_need_their_own_permissions(draft):
    looker = signed_in("view_poollisting", "view_prizepool")
    assert looker.get("/admin/rewards/poollisting/add/").status_code == 403
    assert looker.post("/admin/rewards/poollisting/remove/?ids=1", {"reason": "x"}).status_code == 403
    assert looker.get("/admin/rewards/poollisting/remove/?ids=" + "9" * 40).status_code == 403
    assert PrizePool.objects.count() == 1


def test_keys_that_are_left_empty_are_made(desk, draft):
    """Names in Chinese make none in the browser."""
    PrizePool.objects.filter(pk=draft.pk).update(slug="pool")
    data = form(draft, "1", "99", name="年终奖池", slug="")
    for number in range(2):
        data |= {f"prizes-{number}-id": "", f"prizes-{number}-pool": "", f"prizes-{number}-key": ""}
    # The same gift once more, with a key that was typed before.
    third = {"gift": data["prizes-0-gift"], "key": "", "percent": "0", "position": 0}
    data |= {"prizes-INITIAL_FORMS": 0, "prizes-TOTAL_FORMS": 3} | {
        f"prizes-2-{name}": each for name, each in third.items()
    }

    answer = desk.post("/admin/rewards/prizepool/add/", data)

    assert answer.status_code == 302, answer.context["errors"]
    made = PrizePool.objects.get(name="年终奖池")
    assert made.slug == "pool-2"
    assert sorted(made.prizes.values_list("key", flat=True)) == ["gold", "gold-2", "thanks"]


def test_a_key_that_is_made_has_room_for_its_number(desk):
    long = gift("g" * 50)
    data = {"name": "Twice", "slug": "twice", "stage": "wheel", "prizes-TOTAL_FORMS": 2, "prizes-INITIAL_FORMS": 0}
    for number in range(2):
        data |= {f"prizes-{number}-{name}": each for name, each in row(long, "50", key="").items()}
    assert desk.post("/admin/rewards/prizepool/add/", data).status_code == 302
    assert sorted(Prize.objects.values_list("key", flat=True)) == ["g" * 40, "g" * 40 + "-2"]


def test_a_key_that_is_there_is_not_left_empty(desk, draft):
    answer = desk.post(page(draft), form(draft, "1", "99", slug=""))
    assert answer.context["adminform"].form.errors["slug"]
