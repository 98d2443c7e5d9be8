"""What the demo promises: years of facts, campaigns and awards in every state, four eyes, nothing that lies ahead."""

import re
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import models, transaction
from django.test import Client, override_settings
from django.utils import timezone

from campaigns.models import Campaign, Completion, Enrolment, RankPrize, Task
from campaigns.rehearsal.rehearsing import warnings_of
from config.role_table import ROLES
from config.roles import ADMINISTRATOR, group_name
from demo import colleagues, harvest
from members.models import Event, Member, Order, OrderItem, Refund
from operations import approval_items, approvals
from operations.models import ApprovalComment, ApprovalRequest
from rewards.models import Adjustment, Award, Gift, MallItem, PrizePool
from segmentation.models import Segment, Tag

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

MEMBERS = 200
CJK = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"demo in {name}")) for name in ("zh-hans", "en")],
)
def shop(request, tmp_path_factory, django_db_setup, django_db_blocker):
    """The demo in one language, and what was printed; in a transaction around those of the tests."""
    folder = tmp_path_factory.mktemp("data")
    printed = StringIO()
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=folder, MEDIA_ROOT=str(folder / "media")),
        transaction.atomic(),
    ):
        call_command("load_demo", members=MEMBERS, language=request.param, stdout=printed, stderr=StringIO())
        yield request.param, printed.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def language(shop, db):
    return shop[0]


def test_campaigns_are_in_every_stage(language):
    assert Counter(Campaign.objects.values_list("state", flat=True)) == {
        "live": 3, "ended": 1, "in_review": 1, "scheduled": 1,
    }  # fmt: skip
    live = set(Campaign.objects.filter(state="live").values_list("slug", flat=True))
    assert live == {"double-twelve", "new-year-farm", "wednesday"}
    assert not Campaign.objects.filter(banner="").exists()
    assert warnings_of(Campaign.objects.get(slug="win-back"), now=timezone.now())


def test_the_finished_campaign_has_given_its_prizes(language):
    finished = Campaign.objects.get(slug=harvest.SLUG)
    prizes = RankPrize.objects.filter(closing__campaign=finished)
    assert prizes.filter(rank=1, state="granted").exists()
    assert not prizes.exclude(state="granted").exists()
    played = Enrolment.objects.filter(campaign=finished, score__gt=0)
    assert played.count() >= 10
    assert not played.filter(joined_at__gt=finished.closes_at).exists()
    states = set(Award.objects.filter(scope=f"campaign:{harvest.SLUG}").values_list("state", flat=True))
    assert {"granted", "claimed", "delivered", "redeemed", "expired", "reversed"} >= states >= {"claimed", "delivered"}


def test_awards_are_in_every_state(language):
    assert set(Award.objects.values_list("state", flat=True)) == set(Award.State.values)


def test_orders_and_events_go_back_two_years(language):
    now = timezone.now()
    for model, field in ((Order, "paid_at"), (Event, "occurred_at"), (Member, "joined_at")):
        times = model.objects.aggregate(first=models.Min(field), last=models.Max(field))
        assert timedelta(days=690) < now - times["first"] < timedelta(days=735), model
        assert now - times["last"] < timedelta(days=3), model
    assert Refund.objects.filter(state="applied").exists()
    months = set(Order.objects.values_list("paid_at__year", "paid_at__month"))
    assert len(months) >= 24
    assert OrderItem.objects.values("category").distinct().count() == 8
    assert Order.objects.values("payment_method").distinct().count() >= 3


def test_some_members_fell_asleep_and_some_came_back(language):
    buyers = Order.objects.values("member").annotate(last=models.Max("paid_at"), many=models.Count("pk"))
    asleep = buyers.filter(many__gte=2, last__lt=timezone.now() - timedelta(days=120))
    assert 0.05 * MEMBERS < asleep.count() < 0.6 * MEMBERS
    assert Segment.objects.get(slug="lapsed-high-value").members.size > 0


def test_nothing_has_happened_in_the_future(language):
    """Every time that says when something was: windows and expiries lie ahead by their nature."""
    now = timezone.now() + timedelta(seconds=1)
    been = {
        "joined_at", "paid_at", "refunded_at", "occurred_at", "granted_at", "drawn_at", "completed_at", "created_at",
        "asked_at", "decided_at", "submitted_at", "published_at", "changed_at", "closed_at", "redeemed_at", "sent_at",
        "requested_at", "started_at", "finished_at", "entered_at", "at", "set_at", "handed_in_at", "reserved_at",
    }  # fmt: skip
    ahead = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.name in been and isinstance(field, models.DateTimeField)
        if model.objects.filter(**{f"{field.name}__gt": now}).exists()
    ]
    assert ahead == []


def test_somebody_comes_today_and_came_yesterday(language):
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    assert Completion.objects.filter(completed_at__gte=midnight - timedelta(days=1), completed_at__lt=midnight).exists()
    assert Enrolment.objects.filter(joined_at__gte=midnight - timedelta(days=1)).exists()


def test_every_kind_of_approval_waits_with_a_word_on_it(language):
    waiting = set(ApprovalRequest.objects.filter(state="waiting").values_list("kind", flat=True))
    assert waiting >= {"stock.mallitem", "stock.codebatch", "stock.prizepool", "value.gift", "budget.budget"}
    assert waiting >= {"awards.awardbatch"}
    assert Adjustment.objects.filter(state="waiting").exists()
    assert set(ApprovalRequest.objects.values_list("state", flat=True)) >= {"waiting", "approved", "refused"}
    assert ApprovalComment.objects.filter(request__state="waiting").count() >= 3
    admin_user = User.objects.get(username="admin")
    areas = {item.area for item in approvals.waiting_for(admin_user, most=50).items}
    assert areas >= {"publishing", "stock", "budget", "value", "points", "awards"}


def test_what_waits_can_be_approved_as_it_stands(language):
    """None of it is overtaken: each difference is told, and each asker may ask."""
    for request in ApprovalRequest.objects.filter(state="waiting"):
        assert approvals.shown(request).difference.lines
        assert approval_items.kind_of(request).may_ask(request.asked_by)


def test_each_colleague_signs_in_and_sees_what_their_role_sees(shop, db, settings):
    settings.SECURE_SSL_REDIRECT = False
    assert set(colleagues.NAMED) == set(ROLES) - {ADMINISTRATOR}
    for each in colleagues.listed():
        assert re.search(rf"{each.name}\s+{re.escape(each.password)}", shop[1])
        user = User.objects.get(username=each.name)
        assert user.check_password(each.password)
        assert [group.name for group in user.groups.all()] == [group_name(each.role)]
        client = Client()
        client.force_login(user)
        assert client.get("/admin/").status_code == 200
    assert len(colleagues.listed()) == len(colleagues.NAMED)


EMPTY_KNOWINGLY = {
    # Workers write these within a minute.
    "operations.heartbeat", "operations.book", "rewards.earning",
    # Points of this shop do not expire.
    "rewards.lot",
    # Of sign-ins, and of rules that would keep whoever tries the demo out.
    "axes.accessattempt", "axes.accesslog", "axes.accessfailurelog", "operations.twofactorrule",
}  # fmt: skip


def test_the_lists_of_the_admin_are_not_empty(language):
    empty = {model._meta.label_lower for model in admin.site._registry if not model._default_manager.exists()}
    assert empty <= EMPTY_KNOWINGLY


def test_every_word_is_in_the_language_that_was_asked_for(language):
    if language == "en":
        assert chinese_words() == {}
    else:
        titles = [
            *Campaign.objects.values_list("name", flat=True), *Task.objects.values_list("title", flat=True),
            *Segment.objects.values_list("name", flat=True), *Tag.objects.values_list("name", flat=True),
            *PrizePool.objects.values_list("name", flat=True), *Gift.objects.values_list("name", flat=True),
            *MallItem.objects.filter(gift__isnull=False).values_list("gift__name", flat=True),
            *Member.objects.filter(uid__startswith="qm-").values_list("name", flat=True),
        ]  # fmt: skip
        assert [title for title in titles if title and not CJK.search(title)] == []


def chinese_words():
    """Columns of text in which there is Chinese, except where English stands beside it (`name` and `name_en`)."""
    found = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField) and f"{field.name}_en" not in names:
                rows = model._base_manager.filter(**{f"{field.name}__regex": "[一-龥]"})
                if row := rows.first():
                    found[f"{model._meta.label_lower}.{field.name}"] = getattr(row, field.name)
    return found


def test_the_books_hold(language):
    told = StringIO()
    call_command("check_books", stdout=told, stderr=told)
