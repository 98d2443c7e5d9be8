"""What staff of the demo shop did with it: files brought in and taken out, audiences kept, other systems told."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.http import HttpRequest, QueryDict

from campaigns.models import Campaign, Trusted
from campaigns.offers import reserving
from campaigns.refusals import Refused
from demo.carnival import SLUG as FARM
from demo.words import say
from members import importing
from members.importing import Reading
from members.models import Member
from operations import list_exports, webhook_endpoints
from operations.models import ListExport
from rewards import receipt_secrets
from rewards.models import PoolListing
from segmentation import exports, packages, tag_batches, uid_lists
from segmentation.models import Segment, Tag, TagBatch

Staff = dict[str, User]
# Names of columns, and rows: one of each file cannot be.
MEMBERS = "uid,name,joined_at\nst-0001,{0},{1}\nst-0002,{2},{1}\nst-0003,,yesterday\n"
ORDERS = (
    "order_id,uid,paid_at,amount,channel\nTEL-0001,st-0001,{0},58.00,store\nTEL-0002,st-0002,{0},129.50,store\n"
    "TEL-0003,st-0002,{0},-3,store\n"
)
FRIENDS, NEW = 30, 5
EVENTS = ("member.level_changed", "segment.entered")


def work(staff: Staff, language: str, *, by: User, now: datetime) -> None:
    _bring_in(staff["operator"], language, now=now - timedelta(days=2))
    _keep_audiences(staff["operator"], language, now=now - timedelta(days=1, hours=3))
    _take_out(staff["analyst"], by=by, now=now - timedelta(hours=26))
    _tell_others(language, by=by, now=now - timedelta(days=5))
    _trust(language, by=by, now=now - timedelta(days=4))
    _welcome(now=now)


def _bring_in(operator: User, language: str, *, now: datetime) -> None:
    """Two files, each with a row that was refused."""
    at = (now - timedelta(days=1)).replace(microsecond=0).isoformat()
    names = [say("address.recipient", language), say("colleague.support", language)]
    for kind, text in (("members", MEMBERS.format(names[0], at, names[1])), ("orders", ORDERS.format(at))):
        file = ContentFile(text.encode(), name=say(f"import.{kind}", language))
        run = importing.upload(kind, file, by=operator, now=now)
        titles = text.partition("\n")[0].split(",")
        importing.start(
            run, Reading(run.encoding, run.separator, {each: each for each in titles}), by=operator, now=now
        )
        run.refresh_from_db()
        importing.work(run.pk, position=run.position, rows=100, now=now + timedelta(minutes=1))


def _keep_audiences(operator: User, language: str, *, now: datetime) -> None:
    """A fixed list, two halves of a segment to compare, and a tag set for some members by hand."""
    uids = list(Member.objects.filter(uid__startswith="qm-").order_by("uid").values_list("uid", flat=True)[:FRIENDS])
    listed = uid_lists.bring("\n".join([*uids, "qm-unknown"]), None, by=operator, now=now)
    packages.make("outlet-friends", say("package.name", language), packages.of_list(listed), by=operator, now=now)
    best = Segment.objects.get(slug="high-value")
    halves = packages.split(best, salt="demo", shares=[5_000, 5_000])
    packages.make_groups("high-value-test", say("package.split.name", language), halves, by=operator, now=now)
    members = packages.of_list(listed).members
    tag = Tag.objects.get(group__slug="taste", slug="coffee")
    batch = tag_batches.prepare(
        tag, TagBatch.Action.SET, members, origin={"list": listed.pk}, by=operator, now=now + timedelta(minutes=5)
    )
    tag_batches.start(batch, by=operator, now=now + timedelta(minutes=6))


def _take_out(analyst: User, *, by: User, now: datetime) -> None:
    """A file of a segment's members, and one of a list as it was filtered."""
    export = exports.request_export(Segment.objects.get(slug="high-value"), ["level"], by=by, now=now)
    exports.work(export.pk, last_id=0, now=now + timedelta(seconds=20))
    request = HttpRequest()
    request.method, request.GET, request.user = "GET", QueryDict("state__exact=live"), analyst
    listed = admin.site._registry[Campaign]
    running = ListExport.State.RUNNING
    saved = list_exports.begin(listed, request, format=ListExport.Format.XLSX, expected=3, state=running, now=now)
    list_exports.work(saved.pk, slice=0, now=now + timedelta(seconds=5))


def _tell_others(language: str, *, by: User, now: datetime) -> None:
    """A system that was tried out, and waits for its owners: nothing is sent to it before somebody switches it on."""
    name, url = say("webhook.name", language), "https://crm.example.com/hooks/qianmian"
    endpoint, _secret = webhook_endpoints.create(name=name, url=url, events=EVENTS, by=by, now=now)
    webhook_endpoints.test_event(endpoint, by=by, now=now + timedelta(minutes=2))
    webhook_endpoints.pause(endpoint, by=by, now=now + timedelta(minutes=3))
    receipt_secrets.issue(say("receipts.name", language), provider="", by=by, now=now)


def _trust(language: str, *, by: User, now: datetime) -> None:
    """Whoever tries things out for the shop, and wins nothing, is never held for it."""
    tester = PoolListing.objects.filter(kind=PoolListing.Kind.BLACK).order_by("pk").first()
    if tester is not None:
        Trusted.objects.create(member=tester.member, name=say("trusted.name", language), trusted_by=by, trusted_at=now)


def _welcome(*, now: datetime) -> None:
    """Some who have never ordered take the coupon for a first order."""
    new = Member.objects.filter(uid__startswith="qm-", orders=None).order_by("-joined_at", "pk")
    for number, member in enumerate(new[:NEW]):
        with suppress(Refused):
            reserving.get_coupon(member, FARM, "first", now=now - timedelta(minutes=20 * (NEW - number)))
