"""Every screen of the admin, as its administrator meets it: no complaint of the browser, no page wider than a phone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Request, Response, expect
from pyroaring import BitMap

from campaigns import callback_secrets, features, kinds, playing, task_codes
from campaigns.models import (
    Bargain,
    BoardClosing,
    Campaign,
    Completion,
    DeviceUse,
    Enrolment,
    Help,
    Invitation,
    OfferCoupon,
    OfferGroup,
    RankPrize,
    Reservation,
    Submission,
    Team,
    Trusted,
)
from members import standing
from members.ingest import ingest_members, ingest_refunds
from members.models import Attribute, ImportRun, Level, Member
from members.rows import MemberRow, RefundRow
from operations import heartbeats
from operations.api_keys import create_api_key
from operations.models import ApiKey, Book, Job, ListExport, TwoFactorRule, WebhookEndpoint
from rewards import (
    adjusting,
    approving,
    award_batches,
    awards,
    checking_off,
    code_batches,
    giving_addresses,
    ledger,
    listing,
    mall_orders,
    receipt_secrets,
    shipping,
    tracking,
)
from rewards.addresses import Address
from rewards.awards import grant_award
from rewards.models import (
    Award,
    Budget,
    CouponCode,
    EarningRule,
    Gift,
    MallItem,
    MallOrder,
    Outlet,
    PoolListing,
    PrizePool,
    ReceiptSender,
    Unit,
)
from segmentation import exports, lifecycle, packages, recomputing, rfm, tag_batches, tagging, uid_lists, value
from segmentation.models import LifecycleModel, MemberTag, RfmModel, Segment, Tag, TagGroup, ValueModel
from tests.browser import fair
from tests.operations.webhook_scenes import deliver, make_event, stored_endpoint

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]

RULE = {
    "version": 1,
    "combinator": "and",
    "rules": [{"field": "orders.count", "operator": ">=", "value": 1, "window": {"last_days": 90}}],
}


def leave_requests(gift: Gift, *, by: User, now: datetime) -> None:
    """Leave awards in bulk that wait for approval, a rule of two factors, and an export that was asked for."""
    given = {"scope": "", "reason": "An apology", "by": by, "now": now}
    approving.awards.ask(award_batches.prepare(gift, "ann\nnobody", None, **given), by=by, now=now)
    TwoFactorRule.objects.create(required_from=now + timedelta(days=30))
    asked_for = {"list_label": "members.member", "format": "csv", "language": "en", "created_at": now}
    ListExport.objects.create(**asked_for, asked_by=by, expected=100)


@pytest.fixture
def shop(campaign: Campaign, administrator: User) -> None:
    """Leave at least one row on every list."""
    now = timezone.now()
    ann = Member.objects.get(uid="ann")
    plus = Level.objects.create(slug="plus", name="Plus", kind="paid", rank=1)
    standing.buy_level(ann, plus, key="plus", order_id="A-1", now=now)
    stars = Unit.objects.create(slug="stars", name="Stars", expiry="days", expires_after=30)
    EarningRule.objects.create(slug="stars", name="Stars", unit=stars, rate=1, starts_at=now - timedelta(days=1))
    Attribute.objects.create(slug="city", label="City", kind="choice", choices=["Hangzhou"])
    ImportRun.objects.create(kind="orders", name="orders.csv", state="done", created_at=now)
    fair.order("A-1", now=now)
    ingest_refunds([RefundRow("R-1", "A-1", now, Decimal("1.00"))], now=now)
    adjusting.request(ann, stars, amount=5_000, reason="Of goodwill", by=administrator, now=now)
    Budget.objects.create(scope="campaign:fair", per="day", cents=10_000)
    playing.submit(ann, "fair", "sign", {}, now=now)
    playing.draw(ann.uid, "fair", request_key="a", roll=0, now=now)
    outlet = Outlet.objects.create(slug="west", name="West Lake")
    outlet.staff.add(administrator)
    checking_off.redeem(Award.objects.latest("pk").pk, outlet=outlet, by=administrator, now=now)
    awards.grant_award(Gift.objects.get(slug="milk"), ann.pk, key="more", source="test", now=now)
    ledger.post_entry(ann.pk, "points", amount=500, key="mall", reason="test", now=now)
    cup = Gift.objects.create(slug="cup", name="Cup", kind="link", link="https://shop.example/")
    MallItem.objects.create(slug="cup", gift=cup, price=300, state="on_sale", audience={"levels": ["plus"]}, stock=9)
    mall_orders.place(ann.pk, "cup", request_key="a", now=now)
    leave_parcels(ann, administrator)
    leave_plays(campaign, ann, administrator)
    listing.list_members(PrizePool.objects.get(), ["ann"], kind="black", prize="", reason="Staff", by=None, now=now)
    tag = Tag.objects.create(group=TagGroup.objects.create(slug="taste", name="Taste"), slug="milk", name="Milk")
    tagging.set_tag([ann.pk], tag, source=MemberTag.Source.HAND, now=now)
    recomputing.recompute(Segment.objects.create(slug="buyers", name="Buyers", rule=RULE), now=now)
    rfm.recompute(RfmModel.objects.get(), at=now.date(), now=now)
    lifecycle.recompute(LifecycleModel.objects.get(), now=now)
    value.recompute(ValueModel.objects.get(), now=now)
    held = packages.make(
        "vip", "VIP", packages.of_list(uid_lists.bring("ann", None, by=None, now=now)), by=None, now=now
    )
    exports.request_export(held, ["name"], by=administrator, now=now)
    tag_batches.prepare(tag, "set", BitMap([ann.pk]), origin={"how": "carriers"}, by=administrator, now=now)
    Job.objects.filter(pk=Job.objects.latest("pk").pk).update(state="dead", error="Traceback\nOSError: " + "long " * 99)
    heartbeats.beat(heartbeats.WORKERS, now=now - timedelta(hours=1))
    code_batches.begin_generation(CouponCode.objects.earliest("pk").gift, 5, by=administrator, now=now)
    leave_requests(cup, by=administrator, now=now)
    Book.objects.create(name="ledger", violations=1, checked_at=now)
    Group.objects.create(name="Shop")
    create_api_key("crm", ["facts"])
    leave_webhooks(now)
    seen = {"username": "eve", "ip_address": "127.0.0.1", "user_agent": "x" * 200, "http_accept": "*/*," * 60}
    AccessAttempt.objects.create(**seen, failures_since_start=1)
    AccessLog.objects.create(**seen)
    AccessFailureLog.objects.create(**seen)


def leave_webhooks(now: datetime) -> None:
    """Leave an endpoint that is failing, with what it took and what it did not."""
    address = "https://a-host-of-the-shop.example/an/address/that/is/long/enough/to/be/wider/than/a/telephone"
    endpoint = stored_endpoint(address, now=now, failing_since=now, resting_until=now)
    for status, state in ((204, "delivered"), (500, "given_up")):
        delivery = deliver(endpoint, make_event(now=now), now=now, state=state, ended_at=now, attempts=1)
        delivery.tries.create(number=1, at=now, milliseconds=9, status=status, answer="<html>" + "long" * 99)
    deliver(endpoint, make_event(now=now), now=now)


def leave_plays(campaign: Campaign, member: Member, administrator: User) -> None:
    """Leave a row of everything that members do beside plain tasks."""
    now = timezone.now()
    mine = member.enrolments.get()
    theirs = Enrolment.objects.create(
        campaign=campaign, member=Member.objects.create(uid="friend", name="Fay"), joined_at=now
    )
    where = {"task_key": "sign", "period": "once"}
    closing = BoardClosing.objects.create(campaign=campaign, period="all", closed_at=now, winners=1)
    RankPrize.objects.create(closing=closing, enrolment=mine, rank=1, score=9, reward={"points": 5})
    Submission.objects.create(enrolment=theirs, way="review", text="I did it", handed_in_at=now, **where)
    task_codes.generate(campaign, "sign", 2, by=administrator, now=now)
    callback_secrets.issue(campaign, "sign", earlier_until=now, by=administrator, now=now)
    Invitation.objects.create(inviter=mine, invitee=theirs, task_key="sign", invited_at=now)
    Help.objects.create(helped=mine, helper=theirs, number=1, of=2, helped_at=now, **where)
    terms = {"price": 100, "floor": 10, "left": 80, "helps": 2, "helped": 1, "begun_at": now, "until": now}
    Bargain.objects.create(enrolment=mine, **where, **terms)
    Team.objects.create(campaign=campaign, founder=mine, task_key="sign", size=2, founded_at=now, until=now)
    DeviceUse.objects.create(device="d" * 32, member=member, campaign=campaign, first_at=now, last_at=now)
    Trusted.objects.create(member=member, name="Tester", trusted_at=now)
    Completion.objects.create(
        enrolment=theirs, completed_at=now, held_at=now, held_for=["shared_device"], task_key="sign", period="once"
    )
    ended = {"exact_price": True, "restock": True, "reserved_at": now, "expires_at": now, "lapses_at": now}
    Reservation.objects.create(enrolment=mine, offer_key="milk", price=990, changed_at=now, **ended)
    group = {"size": 2, "opened_at": now, "closes_at": now, "fails_at": now}
    OfferGroup.objects.create(campaign=campaign, offer_key="milk", code="abcd", leader=mine, **group)
    award = Award.objects.latest("pk")
    OfferCoupon.objects.create(enrolment=mine, offer_key="new", award=award, given_at=now)


def leave_parcels(member: Member, administrator: User) -> None:
    """Leave a parcel with its file, and a payment that waits."""
    now = timezone.now()
    mug = Gift.objects.create(slug="mug", name="Mug", kind=Gift.Kind.PHYSICAL)
    award = grant_award(mug, member.pk, key="mug", source="test", now=now)
    home = Address("Ann Wang", "13812345678", "330106", "Wensan Road 1")
    giving_addresses.give_address(member.pk, award.pk, home, now=now)
    shipping.export_waiting([mug], by=administrator, now=now)
    tracking.ingest_tracking([tracking.TrackingRow(award.pk, "SF", "SF1234567890")], now=now)
    packet = {"kind": Gift.Kind.RED_PACKET, "provider": "manual", "face_value": Decimal(5)}
    red_packet = Gift.objects.create(slug="packet", name="Red packet", **packet)
    grant_award(red_packet, member.pk, key="packet", source="test", now=now)
    receipt_secrets.issue("Warehouse", provider="", by=administrator, now=now)


def addresses(model: type[Model], user: User) -> Iterator[str]:
    """Yield a model's list, and the pages to add one and to see or change the newest."""
    request = RequestFactory().get("/admin/")
    request.user = user
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    yield reverse(f"{name}_changelist")
    if admin.site.get_model_admin(model).has_add_permission(request):
        yield reverse(f"{name}_add")
    newest = model._default_manager.order_by("-pk").first()
    assert newest is not None, f"there is no {name} to look at"
    yield reverse(f"{name}_change", args=[newest.pk])


def pages_of_their_own() -> list[str]:
    coupon = CouponCode.objects.earliest("pk").gift
    segment, user, campaign = Segment.objects.get(slug="buyers"), User.objects.get(), Campaign.objects.get()
    return [
        reverse("admin:index"),
        *(reverse("admin:app_list", args=[label]) for label in ("members", "rewards", "operations")),
        reverse("admin:members_importrun_upload"),
        reverse("admin:members_level_give", args=[Level.objects.get(slug="plus").pk]),
        reverse("admin:password_change"),
        reverse("admin:auth_user_password_change", args=[user.pk]),
        *(reverse(f"admin:segmentation_package_{name}") for name in ("upload", "freeze", "combine", "split")),
        reverse("admin:segmentation_tagbatch_new"),
        reverse("admin:segmentation_memberexport_new"),
        reverse("admin:rewards_codebatch_import", args=[coupon.pk]),
        reverse("admin:rewards_codebatch_generate", args=[coupon.pk]),
        reverse("admin:rewards_gift_change", args=[coupon.pk]),
        f"/admin/rewards/award/{Award.objects.latest('pk').pk}/take-back/",
        f"/admin/rewards/mallorder/{MallOrder.objects.get().pk}/cancel/",
        reverse("admin:rewards_shippingbatch_export"),
        reverse("admin:rewards_receiptsender_issue"),
        reverse("admin:rewards_receiptsender_change_secret", args=[ReceiptSender.objects.get().pk]),
        reverse("admin:rewards_prizepool_fairness", args=[PrizePool.objects.get().pk]),
        reverse("admin:rewards_poollisting_remove") + f"?ids={PoolListing.objects.get().pk}",
        reverse("admin:segmentation_segment_overlaps"),
        reverse("admin:segmentation_segment_history", args=[segment.pk]),
        reverse("admin:segmentation_segment_delete", args=[segment.pk]),
        reverse("admin:segmentation_lifecyclemodel_members", args=[LifecycleModel.objects.get().pk, "new"]),
        reverse("admin:segmentation_valuemodel_members", args=[ValueModel.objects.get().pk, "tier", "core"]),
        reverse("admin:segmentation_segment_versions", args=[segment.pk]),
        reverse("admin:segmentation_segment_starting_points"),
        reverse("admin:segmentation_segment_starting_point", args=["newcomers"]),
        reverse("admin:segmentation_rfmmodel_result", args=[RfmModel.objects.get().pk]),
        reverse("admin:segmentation_rfmmodel_members", args=[RfmModel.objects.get().pk]) + "?r=5",
        reverse("admin:campaigns_campaign_history", args=[campaign.pk]),
        *(
            reverse(f"admin:campaigns_campaign_{page}", args=[campaign.pk])
            for page in ("features", "preview", "rehearsal", "review", "revisions", "clone")
        ),
        *(reverse("admin:campaigns_campaign_feature", args=[campaign.pk, name]) for name in features.names()),
        *(
            reverse("admin:campaigns_task_add") + f"?campaign={campaign.pk}{kind}"
            for kind in ("", *(f"&kind={name}" for name in kinds.names()))
        ),
        reverse("admin:campaigns_campaign_blueprints"),
        reverse("admin:campaigns_glossary"),
        reverse("admin:campaigns_campaign_build_start"),
        *(
            reverse("admin:campaigns_campaign_build_step", args=[campaign.pk, step])
            for step in ("audience", "tasks", "pools", "look", "check", "publish")
        ),
        reverse("admin:campaigns_campaign_build_new_task", args=[campaign.pk]),
        f"{reverse('admin:campaigns_campaign_build_new_task', args=[campaign.pk])}?campaign={campaign.pk}&kind=quiz",
        reverse("admin:campaigns_campaign_build_task", args=[campaign.pk, campaign.tasks.earliest("pk").pk]),
        reverse("admin:campaigns_invitation_campaign", args=[campaign.pk]),
        reverse("admin:rewards_gift_delete", args=[Gift.objects.latest("pk").pk]),
        reverse("admin:members_member_list_export"),
        *(
            f"/admin/operations/apikey/{quote(ApiKey.objects.latest('created').pk)}/{page}/"
            for page in ("rotate", "revoke")
        ),
        reverse("admin:operations_webhookendpoint_replay", args=[WebhookEndpoint.objects.latest("pk").pk]),
        reverse("admin:operations_webhookendpoint_delete", args=[WebhookEndpoint.objects.latest("pk").pk]),
        *(reverse(name) for name in ("account", "roles", "two-factor-set-up")),
        *(
            reverse(f"admin:auth_user_{page}", args=[User.objects.earliest("pk").pk])
            for page in ("end_sessions", "take_factor")
        ),
        reverse("admin:operations_auditrecord_changelist") + "?since=yesterday&subject=rights",
    ]


def listen_to_answers(page: Page, faults: list[str]) -> None:
    def hear(answer: Response) -> None:
        if answer.status >= 400:
            faults.append(f"{answer.status} {answer.url}")

    def hear_none(request: Request) -> None:
        # Going on to the next screen aborts what the last one still loads, such as its icon.
        if request.failure != "net::ERR_ABORTED":
            faults.append(f"{request.failure}: {request.url}")

    page.on("response", hear)
    page.on("requestfailed", hear_none)


def test_every_screen_of_the_admin_works_and_fits_a_phone(
    signed_in: Page, shop, administrator, live_server, complaints
):
    faults: list[str] = []
    listen_to_answers(signed_in, faults)
    screens = [each for model in admin.site._registry for each in addresses(model, administrator)]
    for address in [*pages_of_their_own(), *screens]:
        faults.clear()
        signed_in.goto(live_server.url + address)
        width = signed_in.evaluate("document.documentElement.scrollWidth")
        assert (faults, complaints, width) == ([], [], 390), address


@pytest.mark.parametrize("phone", [{"viewport": {"width": 1280, "height": 900}, "is_mobile": False}], ids=["desktop"])
def test_ending_a_campaign_asks_first(signed_in: Page, campaign, live_server, phone):
    asked: list[str] = []
    signed_in.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    signed_in.goto(live_server.url + reverse("admin:campaigns_campaign_change", args=[campaign.pk]))
    signed_in.locator("button[data-confirm]").click()
    assert signed_in.evaluate("document.documentElement.scrollWidth") == 1280
    assert asked == ["End the campaign for good? It cannot be resumed."]
    campaign.refresh_from_db()
    assert campaign.state == "live"


def test_a_members_contact_is_revealed_in_its_place(signed_in: Page, live_server, complaints):
    ingest_members([MemberRow("ann", phone="13812345678", email="ann@example.com")], now=timezone.now())
    page = reverse("admin:members_member_change", args=[Member.objects.get().pk])
    signed_in.goto(live_server.url + page)
    contact = signed_in.locator("#contact")
    expect(contact).to_contain_text("138******78")
    contact.get_by_role("button", name="Reveal").click()
    expect(contact).to_contain_text("13812345678")
    assert signed_in.url.endswith(page)
    assert complaints == []
