"""Orders are refunded after a task was done by them: what the task gave goes back.

Asked is whether the task would be done by what is left of the orders, in the period in which it was done. If not:

- An unclaimed completion, or one that is held for review, is withdrawn: the task is open again, its places in the
  quotas are free, and it can be done again while its period lasts.
- A reward that was given is taken back (`rewards.taking_back`), and so is that of the chain which the task was a step
  of. The completion stays, with what was taken (`TakenBack`): the task is not done, and rewarded, a second time.

A step of a chain that was taken stays taken, since others may follow on it. It makes no difference whether the campaign
is still open. A revision that asks for more since then takes nothing: only what fell below what was reached counts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from campaigns import inbox_words, kinds, published, quotas, rewarding
from campaigns.definition import Campaign, Task
from campaigns.following import SLICE
from campaigns.kinds.face import Moved, Standing
from campaigns.models import Completion, Enrolment, Progress, TakenBack
from campaigns.subjects import load_subject
from campaigns.turns import turn_at
from members import inbox, locking, touches
from members.models import Activity
from operations import jobs
from rewards import taking_back


def follow_refunds(activity_ids: Sequence[int], *, now: datetime) -> None:
    """Look at what the members of these activities have done by their orders; many are given to jobs of their own."""
    members = Activity.objects.filter(pk__in=activity_ids).values("member_id")
    done = Completion.objects.filter(enrolment__member__in=members, taken_back=None)
    enrolments = sorted(set(done.values_list("enrolment_id", flat=True)))
    if len(enrolments) <= SLICE:
        look_at(enrolments, now=now)
        return
    for start in range(0, len(enrolments), SLICE):
        few = enrolments[start : start + SLICE]
        key = f"take-back:{min(activity_ids)}:{start}"
        jobs.enqueue("campaigns.jobs.take_back", key=key, arguments={"enrolment_ids": few})


@touches.together()
def look_at(enrolment_ids: Sequence[int], *, now: datetime) -> None:
    """Take back what these enrolments did by orders that are refunded. Locked as in `campaigns.following`."""
    those = Enrolment.objects.filter(pk__in=enrolment_ids, member__erased_at=None).order_by("id")
    enrolments = list(those.select_related("member", "campaign").select_for_update(of=("self",)))
    locking.lock_by_id({each.member_id for each in enrolments})
    for enrolment in enrolments:
        definition = published.definition_of(enrolment.campaign.slug)
        if definition is not None:
            _look_at(enrolment, definition, now)


def _look_at(enrolment: Enrolment, definition: Campaign, now: datetime) -> None:
    earned = [task.key for task in definition.tasks if kinds.find(task.kind).TAKES_BACK]
    done = Completion.objects.filter(enrolment=enrolment, task_key__in=earned, refused_at=None, taken_back=None)
    for completion in done.order_by("id"):
        task = definition.by_key[completion.task_key]
        reached = Progress.objects.get(enrolment=enrolment, task_key=task.key, period=completion.period)
        left = _left(enrolment, definition, task, completion)
        if left.count >= min(task.target, reached.count):
            continue
        if completion.rewarded_at is None:
            _withdraw(completion, reached, left, now)
        else:
            _take_back(enrolment, definition, task, completion, now)


def _left(enrolment: Enrolment, definition: Campaign, task: Task, completion: Completion) -> Moved:
    """What the task would come to by the orders as they are now, in the period of the completion."""
    kind = kinds.find(task.kind)
    subject = load_subject(enrolment.member, definition, now=completion.completed_at)
    turn = turn_at(definition, task, subject, enrolment=enrolment, now=completion.completed_at)
    turn = replace(turn, period=completion.period)
    return kind.move(task.config, Standing(turn.period), kind.observe(task.config, turn), turn)


def _withdraw(completion: Completion, reached: Progress, left: Moved, now: datetime) -> None:
    quotas.give_back(completion.enrolment.campaign_id, completion.task_key, reached.places)
    reached.count, reached.data, reached.places, reached.updated_at = left.count, dict(left.data), [], now
    reached.save(update_fields=["count", "data", "places", "updated_at"])
    completion.delete()


def _take_back(enrolment: Enrolment, definition: Campaign, task: Task, completion: Completion, now: datetime) -> None:
    chain = definition.chain_of(task.key)
    own = f"task:{definition.slug}:{task.key}:{completion.period}:{enrolment.member_id}"
    keys = [own, f"{own}:bonus"]
    if chain is not None:
        keys.append(rewarding.chain_key(definition, chain, enrolment.member_id))
    reason = gettext("%(campaign)s: %(task)s, refunded") % {"campaign": definition.name, "task": task.title}
    taken: Counter[str] = Counter()
    gift = ""
    for key in keys:
        back: Mapping[str, Any] = asdict(
            taking_back.take_back(enrolment.member_id, key=key, reason=reason[:200], now=now)
        )
        gift = back["gift"] or gift
        taken.update({name: amount for name, amount in back.items() if name != "gift"})
    TakenBack.objects.create(completion=completion, taken_at=now, gift=gift, **taken)
    if gift or any(taken.values()):
        lost = {"points": 0, "growth": 0, "chances": 0, "gift": bool(gift), **taken}
        told = inbox_words.of_task(
            inbox_words.TAKEN_BACK, enrolment.member_id, definition, task, str(completion.pk), **lost
        )
        inbox.put([told], now=now)
