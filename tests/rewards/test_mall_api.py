"""The mall over the API: what a member can have and why not the rest, and orders with an idempotency key."""

import pytest

from members.models import Level
from rewards import mall_orders
from rewards.models import MallItem, MallOrder
from tests.rewards.mall_shop import NOW, item, points_of, rich
from tests.rewards.test_api import client

pytestmark = pytest.mark.django_db
ITEMS = "/api/v1/mall/items/"
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def order(api, slug="mug", uid="m0", key="k", data=None):
    address = f"{ITEMS}{slug}/members/{uid}/orders/"
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return api.post(address, {} if data is None else data, format="json", **headers, **ENGLISH)


def test_items_with_the_member_s_reasons():
    Level.objects.create(slug="gold", name="Gold", rank=1, growth_needed=9)
    rich(1, points=50)
    item("mug", name="Mug", price=40, stock=3, per_member=2, shelf="Kitchen")
    item("dear", price=51)
    item("gold", price=1, audience={"levels": ["gold"]})
    answer = client("eligibility").get(ITEMS, {"uid": "m0"}, **ENGLISH).json()
    first, dear, gold = answer["items"]
    assert first == {
        "slug": "mug", "name": "Mug", "description": "", "kind": "link", "picture": None, "shelf": "Kitchen",
        "price": 40, "left": 3, "may_have": 2, "opens_at": None, "closes_at": None, "reason": None,
    }  # fmt: skip
    assert dear["reason"] == {"code": "points_short", "message": "You have too few points for this."}
    assert gold["reason"] == {"code": "level", "message": "For level Gold"}
    assert (answer["uid"], answer["next"]) == ("m0", None)


def test_without_a_member_only_what_holds_for_all_is_a_reason():
    item("mug", audience={"levels": ["gold"]})
    item("gone", stock=0)
    items = client("eligibility").get(ITEMS).json()["items"]
    assert [each["reason"] and each["reason"]["code"] for each in items] == [None, "sold_out"]


def test_items_page_by_cursor():
    for number in range(101):
        item(f"i{number}", position=number)
    api = client("eligibility")
    first = api.get(ITEMS).json()
    second = api.get(ITEMS, {"cursor": first["next"]}).json()
    assert (len(first["items"]), [each["slug"] for each in second["items"]], second["next"]) == (100, ["i100"], None)
    assert api.get(ITEMS, {"cursor": "x"}).json()["code"] == "bad_cursor"


def test_an_unknown_member_and_an_unknown_item_are_404():
    item("mug")
    assert client("eligibility").get(ITEMS, {"uid": "nobody"}).json()["code"] == "unknown_member"
    api = client("play")
    assert (order(api, uid="nobody").status_code, order(api, uid="nobody").json()["code"]) == (404, "unknown_member")
    rich(1)
    assert (order(api, "nothing").status_code, order(api, "nothing").json()["code"]) == (404, "unknown_item")


def test_an_order_and_its_repetition_are_one():
    (member,) = rich(1)
    item("mug", price=300)
    api = client("play")
    first, again = order(api, data={"price": 300}), order(api, data={"price": 300})
    placed = MallOrder.objects.get()
    assert first.status_code == 201
    assert first.json() == {
        "order": placed.pk, "item": "mug", "price": 300, "award": placed.award_id, "points_left": 700,
    }  # fmt: skip
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert order(api, data={}).json()["code"] == "idempotency_key_reused"
    assert points_of(member) == 700


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [({"price": 299}, 409, "price_changed"), ({"price": 0}, 400, "invalid"), ({"price": "300"}, 400, "invalid"),
     ({"price": True}, 400, "invalid"), ({"points": 1}, 400, "invalid"), ([], 400, "invalid")],
)  # fmt: skip
def test_a_bad_order_is_refused_with_its_reason(data, status, code):
    rich(1)
    item("mug", price=300)
    answer = order(client("play"), data=data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_refusal_is_not_kept_and_the_same_key_may_succeed_later():
    rich(1)
    item("mug", stock=0)
    api = client("play")
    assert (order(api).status_code, order(api).json()["code"]) == (409, "sold_out")
    MallItem.objects.update(stock=1)
    assert order(api).status_code == 201


def test_an_order_needs_its_key_and_its_scope():
    rich(1)
    item("mug")
    assert order(client("play"), key="").json()["code"] == "idempotency_key_missing"
    assert order(client("rewards", "eligibility")).status_code == 403
    assert client("play").get(ITEMS).status_code == 403
    assert client("play").get("/api/v1/members/m0/mall-orders/").status_code == 403


def test_orders_so_far_page_by_cursor_newest_first():
    (member,) = rich(1)
    item("mug", name="Mug", price=1)
    placed = [mall_orders.place(member.pk, "mug", request_key=str(number), now=NOW) for number in range(101)]
    mall_orders.cancel(placed[-1].order_id, by=None, reason="r", now=NOW)
    api = client("rewards")
    first = api.get("/api/v1/members/m0/mall-orders/").json()
    second = api.get("/api/v1/members/m0/mall-orders/", {"cursor": first["next"]}).json()
    newest = first["orders"][0]
    assert (newest["order"], newest["state"], newest["award_state"]) == (placed[-1].order_id, "cancelled", "reversed")
    assert (len(first["orders"]), len(second["orders"]), second["next"]) == (100, 1, None)
