"""What operators do and see in the admin of rewards."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from operations.models import AuditRecord
from rewards import ledger
from rewards.drawing import draw
from rewards.models import Award, PrizePool
from tests.rewards.build import NOW, SCOPE, coupon, gift, pool, published, with_chances

pytestmark = pytest.mark.django_db

PAGES = [
    "gift", "couponcode", "prizepool", "poolversion", "prizestock", "draw", "award", "account", "entry", "chances",
]  # fmt: skip
READ_ONLY = [page for page in PAGES if page not in ("gift", "prizepool")]


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def signed_in(*permissions):
    user = User.objects.create(username="lin", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    desk = Client()
    desk.force_login(user)
    return desk


@pytest.fixture
def desk():
    desk = Client()
    desk.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return desk


@pytest.fixture
def drawn():
    member, *_others = with_chances(12, each=5)
    version = published((coupon("voucher", codes=5), 10, 5), (gift("plus", "points", amount=5), 10, None),
                        consolation=(gift("thanks"), 999_980))  # fmt: skip
    for number, roll in enumerate([0, 10, 999_999]):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=roll, now=NOW)
    return version


def rows(*prizes, initial=0):
    data = {"name": "Wheel", "slug": "wheel", "stage": "wheel"}
    data |= {"prizes-TOTAL_FORMS": len(prizes), "prizes-INITIAL_FORMS": initial}
    for number, prize in enumerate(prizes):
        data |= {f"prizes-{number}-{field}": value for field, value in prize.items()}
    return data


def row(prize, percent, **more):
    return {"key": prize.slug, "gift": prize.pk, "percent": percent, "position": 0} | more


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("listed", PAGES)
def test_every_list_and_page_opens(desk, listed):
    address = f"/admin/rewards/{listed}/"
    answer = desk.get(address)
    assert answer.status_code == 200
    first = answer.context["cl"].result_list[0]
    assert desk.get(f"{address}{first.pk}/change/").status_code == 200


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("listed", READ_ONLY)
def test_what_was_given_cannot_be_edited(desk, listed):
    first = desk.get(f"/admin/rewards/{listed}/").context["cl"].result_list[0]
    assert desk.get(f"/admin/rewards/{listed}/add/").status_code == 403
    assert desk.post(f"/admin/rewards/{listed}/{first.pk}/change/", {}).status_code == 403
    assert desk.post(f"/admin/rewards/{listed}/{first.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("listed", PAGES)
def test_a_list_costs_as_many_queries_for_one_row_as_for_many(desk, listed, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        desk.get(f"/admin/rewards/{listed}/")


@pytest.mark.parametrize("listed", ["draw", "award", "account", "entry", "chances", "couponcode"])
def test_lists_are_searched_by_the_uid_of_the_member(desk, drawn, listed):
    assert desk.get(f"/admin/rewards/{listed}/?q=m0").context["cl"].result_count > 0
    assert desk.get(f"/admin/rewards/{listed}/?q=m").context["cl"].result_count == 0


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("listed", ["couponcode", "award"])
def test_staff_do_not_see_a_code_whole(desk, listed):
    for address in (f"/admin/rewards/{listed}/", f"/admin/rewards/{listed}/{Award.objects.first().pk}/change/"):
        text = desk.get(address).content.decode()
        assert "voucher-0" not in text
    assert "vo••••-0" in desk.get(f"/admin/rewards/{listed}/").content.decode()


def test_odds_are_typed_in_percent_with_four_decimals(desk):
    gold, thanks = gift("gold"), gift("thanks")
    data = rows(row(gold, "0.0001", stock=5), row(thanks, "99.9999", consolation="on"))
    assert desk.post("/admin/rewards/prizepool/add/", data).status_code == 302
    assert dict(PrizePool.objects.get().prizes.values_list("key", "odds")) == {"gold": 1, "thanks": 999_999}
    page = desk.get(f"/admin/rewards/prizepool/{PrizePool.objects.get().pk}/change/").content.decode()
    assert 'value="0.0001"' in page
    assert 'value="99.9999"' in page


@pytest.mark.parametrize(
    ("percent", "fault"),
    [("0.00001", "4 decimal places"), ("-1", "greater than or equal to 0"), ("100.1", "less than or equal to 100"),
     ("NaN", "Enter a number"), ("", "required")],
)  # fmt: skip
def test_odds_that_cannot_be_are_refused_with_a_reason(desk, percent, fault):
    answer = desk.post("/admin/rewards/prizepool/add/", rows(row(gift("gold"), percent)))
    assert fault in answer.content.decode()
    assert not PrizePool.objects.exists()


def test_two_consolation_prizes_are_refused(desk):
    data = rows(row(gift("a"), "50", consolation="on"), row(gift("b"), "50", consolation="on"))
    assert "A pool has one consolation prize." in desk.post("/admin/rewards/prizepool/add/", data).content.decode()


def test_a_consolation_prize_with_a_stock_is_refused(desk):
    data = rows(row(gift("a"), "100", consolation="on", stock=5))
    assert "it is always there" in desk.post("/admin/rewards/prizepool/add/", data).content.decode()


def test_the_consolation_prize_can_move_to_another_row(desk):
    draft = pool((gift("gold"), 500_000, None), consolation=(gift("thanks"), 500_000))
    gold, thanks = draft.prizes.all()
    data = rows(
        row(gold.gift, "50", id=gold.pk, pool=draft.pk, consolation="on"),
        row(thanks.gift, "50", id=thanks.pk, pool=draft.pk),
        initial=2,
    )
    assert desk.post(f"/admin/rewards/prizepool/{draft.pk}/change/", data).status_code == 302
    assert draft.prizes.get(consolation=True).key == "gold"


def test_save_and_publish_publishes_what_was_just_typed(desk):
    draft = pool((gift("gold"), 400_000, None), consolation=(gift("thanks"), 500_000))
    gold, thanks = draft.prizes.all()
    data = rows(
        row(gold.gift, "40", id=gold.pk, pool=draft.pk),
        row(thanks.gift, "60", id=thanks.pk, pool=draft.pk, consolation="on"),
        initial=2,
    )
    answer = desk.post(f"/admin/rewards/prizepool/{draft.pk}/change/", data | {"_publish": "1"}, follow=True)
    assert "is published as version 1" in answer.content.decode()
    assert list(draft.versions.get().prizes.values_list("ceiling", flat=True)) == [400_000, 1_000_000]


def test_publishing_shows_every_reason_against_it(desk):
    draft = pool((gift("gold"), 400_000, None))
    data = {"action": "publish", "_selected_action": draft.pk}
    text = desk.post("/admin/rewards/prizepool/", data, follow=True).content.decode()
    assert "60 % is missing" in text
    assert "no consolation prize" in text
    assert "60 % is missing" in desk.get(f"/admin/rewards/prizepool/{draft.pk}/change/").content.decode()


def test_publishing_needs_its_own_permission():
    draft = pool(consolation=(gift("thanks"), 1_000_000))
    editor = signed_in("change_prizepool", "view_prizepool", "change_prize", "view_prize")
    page = editor.get(f"/admin/rewards/prizepool/{draft.pk}/change/").content.decode()
    assert "Save and publish" not in page
    editor.post("/admin/rewards/prizepool/", {"action": "publish", "_selected_action": draft.pk})
    data = rows(initial=0) | {"_publish": "1"}
    assert editor.post(f"/admin/rewards/prizepool/{draft.pk}/change/", data).status_code == 403
    assert not draft.versions.exists()


def test_awards_are_checked_off_with_a_permission_of_its_own(drawn):
    award = Award.objects.get(gift__slug="voucher")
    data = {"action": "redeem", "_selected_action": award.pk}
    signed_in("view_award").post("/admin/rewards/award/", data)
    award.refresh_from_db()
    assert award.state == Award.State.GRANTED
    User.objects.all().delete()
    clerk = signed_in("view_award", "redeem_award")
    assert "is checked off" in clerk.post("/admin/rewards/award/", data, follow=True).content.decode()
    assert "It was used already" in clerk.post("/admin/rewards/award/", data, follow=True).content.decode()


def test_the_ledger_shows_signed_amounts(desk, drawn):
    (member,) = Award.objects.filter(gift__slug="plus").values_list("member_id", flat=True)
    ledger.post_entry(member, "points", amount=-3, key="spent", reason="test", now=NOW)
    text = desk.get("/admin/rewards/entry/").content.decode()
    assert "+5" in text
    assert "-3" in text


def test_who_changed_a_pool_or_a_gift_is_on_record(desk):
    thanks = gift("thanks")
    desk.post("/admin/rewards/prizepool/add/", rows(row(thanks, "100", consolation="on")))
    body = {"name": "Many thanks", "slug": "thanks", "kind": "thanks", "face_value": 0, "cost": 0}
    desk.post(f"/admin/rewards/gift/{thanks.pk}/change/", body)
    assert list(AuditRecord.objects.order_by("pk").values_list("action", flat=True)) == [
        "prize_pool.added",
        "prize.added",
        "gift.changed",
    ]
