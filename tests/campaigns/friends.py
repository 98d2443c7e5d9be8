"""Members who send links to each other."""

from decimal import Decimal

from campaigns import playing
from campaigns.refusals import Refused
from members.ingest import ingest_orders, ingest_refunds
from members.rows import OrderRow, RefundRow
from operations import jobs
from operations.models import Job
from tests.campaigns.scenes import NOW, make_member


def enrol(uid, **fields):
    """A member who takes part."""
    member = make_member(uid, **fields)
    playing.enrol(member, "autumn", now=NOW)
    return member


def link_of(member, key, *, now=NOW):
    """The token of the link that the member sends for a task; a bargain or a team begins with it."""
    return playing.submit(member, "autumn", key, {}, now=now).result["link"].strip("/").rpartition("/")[2]


def answer(friend, token, key, *, now=NOW, **how):
    return playing.submit(friend, "autumn", key, {"link": token}, now=now, **how)


def refusal(friend, token, key, *, now=NOW):
    """The code of why an answer is refused."""
    try:
        moved = answer(friend, token, key, now=now)
    except Refused as refused:
        return refused.refusal.value
    raise AssertionError(f"was not refused: {moved}")


def run_jobs():
    """What workers would do now, and what follows from it."""
    while queued := list(Job.objects.filter(state="queued", function__startswith="campaigns.").order_by("id")):
        for job in queued:
            jobs.run(job.pk)
            job.refresh_from_db()
            assert job.state == "done", job.error


def buy(member, amount, *, at=NOW, order="o-1"):
    ingest_orders([OrderRow(order, member.uid, at, Decimal(amount), currency="CNY")], now=at)
    run_jobs()


def send_back(amount, *, order="o-1"):
    ingest_refunds([RefundRow(f"r-{order}", order, NOW, Decimal(amount))], now=NOW)
    run_jobs()
