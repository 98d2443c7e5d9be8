"""A shop in which each address of the house names something of one member's, and the eight who come by."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns import energy_drops, energy_rules, playing
from campaigns.models import Submission
from campaigns.published import definition_of
from members import inbox, inbox_kinds
from members.models import Member
from members.participants import COOKIE, cookie_value
from operations import pictures
from operations.api_keys import create_api_key
from operations.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from operations.picture_reference import read
from operations.sealing import seal
from rewards import ledger, mall_orders, regions
from rewards.awards import grant_award
from rewards.chances import grant_chances
from rewards.models import Draw, Gift, MallItem, MallOrder, Outlet
from rewards.vouchers import voucher_of
from segmentation import recomputing
from segmentation.models import Segment
from tests.campaigns import scenes
from tests.campaigns.friends import answer, link_of
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import task
from tests.images import image

IDENTITIES = (
    "anonymous",
    "participant",
    "other participant",
    "eligibility client",
    "play client",
    "support",
    "operator",
    "superuser",
)
# What support may, who also checks off at the outlet, and the rooms in which an operator may do everything.
SUPPORTED = (
    "members.view_member",
    "members.view_order",
    "rewards.view_award",
    "rewards.view_draw",
    "rewards.redeem_award",
)
OPERATED = ("members", "segmentation", "campaigns", "rewards")
# A webhook tells nobody what the key that made it may not see.
SCOPES = [("facts",), ("eligibility",), ("play",), ("rewards",), ("webhooks", "rewards")]
NOW = scenes.NOW + timedelta(days=2)
ENERGY = {
    "sources": [{"event": "view", "amount": 30, "per_day": 9}],
    "help": {"bonus": 2, "per_day": 9},
    "steal": {"percent": 10, "keep": 60},
    "milestones": [{"at": 30, "reward": {"points": 5}}],
}
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 0}]}


@dataclass(frozen=True)
class World:
    """`visitors` are by identity; `named` says what stands for the parameters of an address."""

    visitors: dict[str, Client]
    named: dict[str, str]
    # Plain keys, by the scopes that they have.
    keys: dict[tuple[str, ...], str]


def open_world() -> World:
    ann, ben = (Member.objects.create(uid=uid, name=uid.title(), joined_at=scenes.OPENS) for uid in ("ann", "ben"))
    outlet = Outlet.objects.create(slug="west", name="West Lake")
    scenes.make_level("plus")
    made = {scopes: create_api_key("shop", scopes) for scopes in SCOPES}
    keys = {scopes: plain for scopes, (_key, plain, _signing) in made.items()}
    named = _campaign(ann, ben) | _belongings(ann) | _webhook(made["webhooks", "rewards"][0].client)
    support, operator = (User.objects.create_user(name, is_staff=True) for name in ("support", "operator"))
    support.user_permissions.set(_permissions(SUPPORTED))
    operator.user_permissions.set(Permission.objects.filter(content_type__app_label__in=OPERATED))
    outlet.staff.set([support])
    visitors = {
        "anonymous": Client(),
        "participant": _participant(ann),
        "other participant": _participant(ben),
        "eligibility client": _client(keys["eligibility",]),
        "play client": _client(keys["play",]),
        "support": _staff(support),
        "operator": _staff(operator),
        "superuser": _staff(User.objects.create_superuser("root")),
    }
    return World(visitors, named, keys)


def _permissions(names: tuple[str, ...]) -> list[Permission]:
    pairs = [name.split(".") for name in names]
    return [Permission.objects.get(content_type__app_label=app, codename=codename) for app, codename in pairs]


def _participant(member: Member) -> Client:
    client = Client()
    client.cookies[COOKIE] = cookie_value(member.pk)
    return client


def _client(key: str) -> Client:
    return Client(headers={"Authorization": f"Api-Key {key}"})


def _staff(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _campaign(ann: Member, ben: Member) -> dict[str, str]:
    """A campaign with one of everything that has an address; both take part, and what is in it is Ann's."""
    tasks = [
        task("one", period="daily", config={"make_up": {"per_month": 9, "days_back": 9, "unit": "points", "price": 1}}),
        task("assist", "assist", config={"helps": 3}),
        task("photo", "proof", config={"picture": "required"}),
        task("by-hand", claim_mode="by_hand", period="daily"),
        task("taken", claim_mode="accept_first", finish_within=30, period="daily"),
    ]
    boards = {"boards": ["all"], "shown": 2}
    scenes.make_coupon("CODE-1", "CODE-2")
    scenes.publish(tasks=tasks, offers=[offer("group")], features={"energy": ENERGY, "boards": boards})
    rules = energy_rules.parse(ENERGY)
    for member in (ann, ben):
        playing.enrol(member, "autumn", now=scenes.OPENS)
        fact = {"key": "e", "happened_at": scenes.NOW, "now": scenes.NOW}
        mine = member.enrolments.get().pk
        energy_drops.produce(definition_of("autumn"), rules, mine, rules.sources["event:view"], **fact)
    grant_chances(ann.pk, "campaign:autumn", count=5, key="start", now=NOW)
    playing.draw("ann", "autumn", request_key="a", roll=0, now=NOW)
    picture = SimpleUploadedFile("proof.png", image(), "image/png")
    playing.submit(ann, "autumn", "photo", {"picture": picture}, now=NOW)
    playing.submit(ann, "autumn", "by-hand", {}, now=NOW)
    token = link_of(ann, "assist", now=NOW)
    # Who has helped is a friend.
    answer(ben, token, "assist", now=NOW)
    return {
        "slug": "autumn",
        "key": "one",
        "uid": "ann",
        "friend": str(ben.enrolments.get().pk),
        "draw_id": str(Draw.objects.get().pk),
        "pk": str(Submission.objects.get().pk),
        "token": token,
        "language": "en",
    }


def _belongings(ann: Member) -> dict[str, str]:
    coupon, mug = Gift.objects.get(slug="coupon"), Gift.objects.create(slug="mug", name="Mug", kind="physical")
    mine = grant_award(coupon, ann.pk, key="coupon", source="test", now=NOW)
    parcel = grant_award(mug, ann.pk, key="mug", source="test", now=NOW)
    ledger.post_entry(ann.pk, "points", amount=1_000, key="start", reason="test", now=NOW)
    link = Gift.objects.create(slug="book", name="Book", kind="link", link="https://shop.example/")
    MallItem.objects.create(slug="book", gift=link, price=10, state="on_sale")
    mall_orders.place(ann.pk, "book", request_key="a", now=NOW)
    inbox.put([inbox.Message(ann.pk, inbox_kinds.TEXT, "hello", {"title": "Hello", "text": "Hi"})], now=NOW)
    recomputing.recompute(Segment.objects.create(slug="everyone", name="Everyone", rule=RULE), now=NOW)
    kept = read(str(pictures.keep(image((400, 250)), now=NOW)))
    return {
        "award_id": str(mine.pk),
        "parcel": str(parcel.pk),
        "voucher": voucher_of(mine.pk),
        "order_id": str(MallOrder.objects.get().pk),
        "message_id": str(ann.inbox_messages.latest("pk").pk),
        "version": regions.version(),
        "code": "330000",
        "digest": kept.digest,
        "width": "400",
        "keys": "d4380d",
    }


def _webhook(client: str) -> dict[str, str]:
    """A client's webhook, and what could not be told through it."""
    told = {"url": "https://shop.example/hook", "events": ["award.granted"], "sealed_secret": seal("secret")}
    endpoint = WebhookEndpoint.objects.create(name="Shop", client=client, **told, created_at=NOW)
    event = WebhookEvent.objects.create(message_id="msg_1", kind="award.granted", data={"uid": "ann"}, occurred_at=NOW)
    how = {"state": "given_up", "due_at": NOW, "ended_at": NOW, "created_at": NOW}
    delivery = WebhookDelivery.objects.create(endpoint=endpoint, event=event, **how)
    return {"webhook_id": str(endpoint.pk), "delivery_id": str(delivery.pk)}
