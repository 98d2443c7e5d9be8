"""Orders and refunds come in, and purchase tasks move by themselves."""

from decimal import Decimal

import pytest

from campaigns import following, pausing, playing, published
from campaigns.eligibility import TaskState, decide
from campaigns.models import Completion
from campaigns.refusals import BadSubmission
from campaigns.subjects import load_subject
from members import ingest
from members.models import Member
from members.rows import OrderItemRow, OrderRow
from operations import jobs
from operations.models import Job
from rewards.ledger import balances
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, RIGHT, chain, make_member, publish, task

pytestmark = pytest.mark.django_db


def order(number=1, uid="ann", paid_at=NOW, amount="100", **fields):
    return OrderRow(f"o{number}", uid, paid_at, Decimal(amount), currency="CNY", **fields)


def bring(*orders):
    """Orders come in, and the jobs that follow them run."""
    ingest.ingest_orders(orders, now=NOW)
    run_jobs()


def bring_items(*items):
    ingest.ingest_order_items([OrderItemRow(*item) for item in items], now=NOW)
    run_jobs()


def run_jobs():
    for job in Job.objects.filter(state="queued", function__startswith="campaigns.").order_by("id"):
        jobs.run(job.pk)
        job.refresh_from_db()
        assert job.state == "done", job.error


def enrolled(uid="ann", now=NOW):
    member = make_member(uid)
    playing.enrol(member, "autumn", now=now)
    return member


def standing(member, now=NOW, key="buy"):
    definition = published.definition_of("autumn")
    found = decide(definition, load_subject(member, definition, now=now)).task(key)
    return found.state, found.count


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


def buying(**config):
    return publish(tasks=[task("buy", "purchase", config=config)])


def test_an_order_completes_the_task_of_who_takes_part():
    buying(orders=2)
    ann, bob = enrolled(), make_member("bob")

    bring(order(1), order(2, "bob"), order(3, "bob"))
    assert standing(ann) == (TaskState.OPEN, 1)
    bring(order(4))

    assert standing(ann) == (TaskState.DONE, 2)
    assert balances(ann.pk)["points"] == 10
    assert standing(bob) == (TaskState.OPEN, 0)


def test_a_member_who_was_erased_gains_nothing_by_what_is_told_of_their_orders():
    buying(units=1, categories=["milk"])
    ann = enrolled()
    bring(order(1))
    Member.objects.update(erased_at=NOW)
    bring_items(("o1", 1, "A-1", "milk", 1, Decimal(100)))
    assert balances(ann.pk)["points"] == 0


def test_the_same_order_again_counts_once():
    buying(orders=2)
    ann = enrolled()

    bring(order(1))
    bring(order(1))

    assert standing(ann) == (TaskState.OPEN, 1)


@pytest.mark.parametrize(
    ("paid_at", "count"),
    [(OPENS - DAY / 24, 0), (OPENS, 1), (CLOSES - DAY / 24, 1), (CLOSES, 0)],
)
def test_orders_count_from_the_opening_until_before_the_closing(paid_at, count):
    buying(orders=5)
    ann = enrolled()

    bring(order(paid_at=paid_at))

    assert standing(ann)[1] == count


def test_orders_from_before_the_member_entered_count_when_they_enter():
    buying(orders=1)
    bring(order(paid_at=OPENS))
    ann = Member.objects.get(uid="ann")

    playing.enrol(ann, "autumn", now=NOW)

    assert standing(ann) == (TaskState.DONE, 1)


@pytest.mark.parametrize(("days", "count"), [(2, 0), (3, 1)])
def test_within_days_ends_so_many_days_after_entering(days, count):
    buying(orders=5, within_days=days)
    ann = enrolled(now=NOW - 3 * DAY)

    bring(order(paid_at=NOW - DAY / 24))

    assert standing(ann)[1] == count


def test_an_amount_is_counted_in_hundredths_and_net_of_refunds():
    buying(amount="150")
    ann = enrolled()

    bring(order(1, amount="99.99"))
    assert standing(ann) == (TaskState.OPEN, 9999)
    bring(order(1, amount="99.99", status="refunded"))
    assert standing(ann) == (TaskState.OPEN, 0)
    bring(order(2, amount="149.99"))
    assert standing(ann)[0] is TaskState.OPEN
    bring(order(3, amount="0.01"))

    assert standing(ann) == (TaskState.DONE, 15000)


def test_a_refund_takes_progress_back_until_the_task_is_done():
    buying(orders=2)
    ann = enrolled()

    bring(order(1))
    bring(order(1, status="refunded"))
    assert standing(ann) == (TaskState.OPEN, 0)
    bring(order(2), order(3))
    bring(order(2, status="refunded"))

    assert standing(ann) == (TaskState.DONE, 2)
    assert Completion.objects.count() == 1


def test_units_of_a_category_or_sku_count_when_the_lines_come():
    buying(units=3, categories=["milk"], skus=["whole", "skimmed"])
    ann = enrolled()

    bring(order(1), order(2, status="refunded"))
    bring_items(
        ("o1", 1, "whole", "milk", 2, Decimal(10)),
        ("o1", 2, "green", "tea", 5, Decimal(10)),
        ("o1", 3, "oat", "milk", 5, Decimal(10)),
        ("o2", 1, "whole", "milk", 5, Decimal(10)),
    )
    assert standing(ann) == (TaskState.OPEN, 2)
    bring_items(("o1", 4, "skimmed", "milk", 1, Decimal(10)))

    assert standing(ann) == (TaskState.DONE, 3)


def test_a_daily_purchase_counts_the_day_of_the_site():
    publish(tasks=[task("buy", "purchase", period="daily", config={"orders": 2})])
    ann = enrolled()

    bring(order(1, paid_at=NOW - DAY), order(2, paid_at=NOW))

    assert standing(ann) == (TaskState.OPEN, 1)


def test_unlocking_the_purchase_step_counts_what_was_bought_already():
    tasks = [task("one"), task("quiz", "quiz"), task("buy", "purchase")]
    publish(tasks=tasks, chains=[chain("path", "one", "quiz", "buy")])
    ann = enrolled()
    bring(order(1))
    assert standing(ann) == (TaskState.LOCKED, 0)

    playing.submit(ann, "autumn", "one", {}, now=NOW)
    playing.submit(ann, "autumn", "quiz", RIGHT, now=NOW)

    assert standing(ann) == (TaskState.DONE, 1)
    definition = published.definition_of("autumn")
    assert decide(definition, load_subject(ann, definition, now=NOW)).chains[0].finished


def test_looking_again_counts_orders_and_takes_no_count_from_a_client():
    buying(orders=2)
    ann = enrolled()
    bring(order(1))

    assert playing.submit(ann, "autumn", "buy", {}, now=NOW).count == 1
    with pytest.raises(BadSubmission) as refused:
        playing.submit(ann, "autumn", "buy", {"orders": 9}, now=NOW)
    assert refused.value.fields == {"orders": "unknown"}


def test_a_paused_campaign_does_not_follow_until_it_resumes():
    campaign = buying(orders=1)
    ann = enrolled()
    pausing.pause(campaign, by=None, now=NOW)
    bring(order(1))
    assert not Completion.objects.exists()

    pausing.resume(campaign, by=None, now=NOW)
    run_jobs()

    assert standing(ann)[0] is TaskState.DONE


def test_more_members_than_one_job_takes_are_given_to_several(monkeypatch):
    monkeypatch.setattr(following, "SLICE", 2)
    buying(orders=1)
    people = [enrolled(f"m{number}") for number in range(5)]

    bring(*(order(number, f"m{number}") for number in range(5)))
    assert Job.objects.filter(function="campaigns.jobs.follow").count() == 3
    run_jobs()

    assert {standing(member)[0] for member in people} == {TaskState.DONE}
