"""The mall in the admin: items for whom and how many, and orders that are cancelled with a reason."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from members.models import Level
from operations.models import AuditRecord
from rewards.models import MallItem, MallOrder
from segmentation.models import TagGroup
from tests.rewards import build
from tests.rewards.mall_shop import item, place, points_of, rich
from tests.rewards.test_admin import signed_in

pytestmark = pytest.mark.django_db
ITEM, ORDER = "/admin/rewards/mallitem/", "/admin/rewards/mallorder/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create(username="chief", is_staff=True, is_superuser=True))
    return client


def fields(gift, **more):
    moments = {"opens_at_0": "", "opens_at_1": "", "closes_at_0": "", "closes_at_1": ""}
    given = {"gift": gift.pk, "slug": "mug", "price": 100, "state": "on_sale", "position": 0}
    return moments | given | {"per_member_period": "all"} | more


def test_an_item_is_made_with_its_audience_and_audited(desk):
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    gift = build.gift("box", "physical")
    page = desk.get(f"{ITEM}add/").text
    assert "One of these levels" in page
    assert "Campaign score" not in page
    answer = desk.post(f"{ITEM}add/", fields(gift, audience_levels=["gold"], stock=5))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = MallItem.objects.get()
    assert (made.audience, made.stock, made.state) == ({"levels": ["gold"]}, 5, "on_sale")
    assert AuditRecord.objects.get(action="mall_item.added").target_name == "Box"


def test_an_item_for_everyone_has_an_empty_audience(desk):
    desk.post(f"{ITEM}add/", fields(build.gift("box", "physical")))
    assert MallItem.objects.get().audience == {}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"price": 0}, "greater than or equal to 1"),
        ({"slug": "orders"}, "has this address already"),
        ({"per_member": 0}, "greater than or equal to 1"),
        ({"audience_levels": ["nowhere"]}, "unknown levels: nowhere"),
        ({"opens_at_0": "2026-12-02", "opens_at_1": "00:00", "closes_at_0": "2026-12-01", "closes_at_1": "00:00"},
         "closes before it opens"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_field(desk, more, words):
    answer = desk.post(f"{ITEM}add/", fields(build.gift("box", "physical"), **more))
    assert words in answer.text
    assert not MallItem.objects.exists()


@pytest.mark.parametrize(("kind", "more"), [("points", {"amount": 5}), ("thanks", {}), ("chances", {"amount": 1})])
def test_what_makes_no_sense_for_points_is_not_sold(desk, kind, more):
    desk.post(f"{ITEM}add/", fields(build.gift("odd", kind, **more)))
    assert not MallItem.objects.exists()


@pytest.mark.parametrize(
    "audience", [{"score_from": 5}, {"levels": "gold"}, {"nonsense": []}, "x", {"levels": ["nowhere"]}]
)
def test_an_audience_is_checked_however_it_comes(audience):
    made = MallItem(slug="mug", gift=build.gift("box", "physical"), price=1, audience=audience)
    with pytest.raises(Exception, match="audience"):
        made.full_clean()


def test_key_and_gift_of_what_was_ordered_stay(desk):
    (member,) = rich(1)
    mug = item()
    place(member)
    other = build.gift("other", "physical")
    desk.post(f"{ITEM}{mug.pk}/change/", fields(other, slug="new", price=120))
    mug.refresh_from_db()
    assert (mug.slug, mug.gift.slug, mug.price) == ("mug", "mug-gift", 120)


def test_the_list_counts_what_is_sold_and_left(desk):
    ann, _bob = rich(2)
    item("mug", stock=12)
    item("tea")
    place(ann, "mug")
    text = desk.get(ITEM).text
    assert "1 / 11" in text
    assert "0 / no limit" in text


def test_items_go_on_sale_and_off_from_the_list_audited_once(desk):
    mug = item(state="draft")
    for _again in range(2):
        desk.post(ITEM, {"action": "put_on_sale", "_selected_action": [mug.pk]})
    mug.refresh_from_db()
    assert mug.state == "on_sale"
    assert AuditRecord.objects.get(action="mall_item.changed").changes == {"state": ["draft", "on_sale"]}
    desk.post(ITEM, {"action": "take_off", "_selected_action": [mug.pk]})
    mug.refresh_from_db()
    assert mug.state == "off"


def test_who_may_only_look_moves_nothing(client):
    mug = item(state="draft")
    desk = signed_in("view_mallitem")
    assert "put_on_sale" not in desk.get(ITEM).text
    desk.post(ITEM, {"action": "put_on_sale", "_selected_action": [mug.pk]})
    assert desk.post(f"{ITEM}{mug.pk}/change/", fields(mug.gift, price=1)).status_code == 403
    mug.refresh_from_db()
    assert (mug.state, mug.price) == ("draft", 100)


def test_an_order_is_cancelled_with_a_reason(desk):
    (member,) = rich(1)
    item()
    order = place(member)
    page = f"{ORDER}{order.order_id}/change/"
    assert f"{ORDER}{order.order_id}/cancel/" in desk.get(page).text
    cancel = f"{ORDER}{order.order_id}/cancel/"
    assert "100 points" in desk.get(cancel).text
    assert MallOrder.objects.get().state == "placed"
    desk.post(cancel, {"reason": " "})
    assert MallOrder.objects.get().state == "placed"
    told = desk.post(cancel, {"reason": "damaged"}, follow=True).text
    assert "100 points went back" in told
    assert points_of(member) == 1_000
    assert f"{ORDER}{order.order_id}/cancel/" not in desk.get(page).text
    assert "cancelled already" in desk.post(cancel, {"reason": "again"}, follow=True).text
    assert AuditRecord.objects.get(action="mall_order.cancelled").reason == "damaged"


def test_who_may_look_but_not_cancel_does_not():
    (member,) = rich(1)
    item()
    order = place(member)
    desk = signed_in("view_mallorder")
    assert "/cancel/" not in desk.get(f"{ORDER}{order.order_id}/change/").text
    assert desk.post(f"{ORDER}{order.order_id}/cancel/", {"reason": "x"}).status_code == 403
    assert (
        signed_in_too("cancel_mallorder").post(f"{ORDER}{order.order_id}/cancel/", {"reason": "x"}).status_code == 403
    )
    assert MallOrder.objects.get().state == "placed"


def signed_in_too(*permissions):
    User.objects.filter(username="lin").update(username="lin-before")
    return signed_in(*permissions)


def test_a_level_or_tag_that_an_item_names_is_not_deleted(desk):
    gold = Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    group = TagGroup.objects.create(slug="taste", name="Taste")
    tag = group.tags.create(slug="milk", name="Milk")
    item("mug", name="Mug", audience={"levels": ["gold"], "tags_any": ["taste.milk"]})
    for address, row in (("members/level", gold), ("segmentation/tag", tag), ("segmentation/taggroup", group)):
        assert "mall item “Mug”" in desk.get(f"/admin/{address}/{row.pk}/delete/").text
    MallItem.objects.update(state="off")
    assert "mall item" not in desk.get(f"/admin/members/level/{gold.pk}/delete/").text


def test_lists_take_no_query_for_each_row(desk, django_assert_max_num_queries):
    people = rich(9)
    item("mug")
    for member in people:
        place(member)
    for number in range(9):
        item(f"i{number}")
    for page in (ITEM, ORDER):
        with django_assert_max_num_queries(16):
            desk.get(page)


def test_the_member_s_page_and_timeline_tell_of_the_order(desk):
    (member,) = rich(1)
    item("mug", name="Mug")
    place(member, now=timezone.now())
    text = desk.get(f"/admin/members/member/{member.pk}/change/").text
    assert "Orders of the mall" in text
    assert "Had “Mug” for 100 points" in text
