"""What workers run for `rewards`. Each run takes a bounded slice, and the next job follows until nothing is due."""

from collections.abc import Sequence

from django.utils import timezone

from members.models import Activity
from operations import jobs
from operations.apart import apart
from rewards import (
    award_batches,
    award_expiry,
    budget_warnings,
    code_batches,
    delivering,
    earning,
    expiry_notices,
    ledger,
    level_following,
)

SLICE = 500


def mature_entries(part: int = 1) -> None:
    now = timezone.now()
    if ledger.mature_due(now=now, limit=SLICE) == SLICE:
        _go_on("rewards.jobs.mature_entries", now.isoformat(), part=part + 1)


def expire_lots(part: int = 1) -> None:
    now = timezone.now()
    # A slice of lots may be of fewer accounts: it is the empty one that ends it.
    if ledger.expire_due(now=now, limit=SLICE):
        _go_on("rewards.jobs.expire_lots", now.isoformat(), part=part + 1)


def tell_of_expiry(first_account: int = 0) -> None:
    now = timezone.now()
    told = expiry_notices.tell_of_expiry(now=now, limit=SLICE, first_account=first_account)
    if told.notices == SLICE:
        _go_on("rewards.jobs.tell_of_expiry", now.isoformat(), first_account=told.next_account)


def expire_awards(part: int = 1) -> None:
    now = timezone.now()
    if award_expiry.expire_due(now=now, limit=SLICE) == SLICE:
        _go_on("rewards.jobs.expire_awards", now.isoformat(), part=part + 1)


def tell_of_awards(part: int = 1) -> None:
    now = timezone.now()
    if award_expiry.tell_of_expiry(now=now, limit=SLICE) == SLICE:
        _go_on("rewards.jobs.tell_of_awards", now.isoformat(), part=part + 1)


def issue_awards(batch_id: int) -> None:
    award_batches.work(batch_id)


def note_lost_awards() -> None:
    award_batches.note_lost(now=timezone.now())


def review_levels() -> None:
    level_following.review_levels(now=timezone.now())


def add_codes(batch: int, position: int, most: int) -> None:
    code_batches.work(batch, position=position, most=most, now=timezone.now())


def tidy_code_batches() -> None:
    code_batches.tidy(now=timezone.now())


def warn_of_budgets(after: int = 0) -> None:
    now = timezone.now()
    if (last := budget_warnings.warn(now=now, after=after, limit=SLICE)) is not None:
        _go_on("rewards.jobs.warn_of_budgets", now.isoformat(), after=last)


def mail_budget_warning(warning_id: int) -> None:
    budget_warnings.mail(warning_id, now=timezone.now())


def settle_orders(activity_ids: Sequence[int]) -> None:
    """Settle the orders of these activities; some of them may be told of by more than one."""
    told = Activity.objects.filter(pk__in=activity_ids).values_list("data__order", flat=True)
    earning.settle_orders({order_pk for order_pk in told if order_pk is not None}, now=timezone.now())


def earn_for_events(event_ids: Sequence[tuple[str, str]]) -> None:
    earning.earn_for_keys(event_ids, now=timezone.now())


def settle_slice(order_pks: Sequence[int]) -> None:
    earning.settle_slice(order_pks, now=timezone.now())


def pay_red_packets() -> None:
    apart(delivering.pay_due, now=timezone.now)


def _go_on(function: str, when: str, **arguments: int) -> None:
    jobs.enqueue(function, key=f"{function}:{when}:{arguments}", arguments=arguments)
