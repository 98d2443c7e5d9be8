"""A participant's visit to a campaign: who, which revision, and what is decided for them, loaded once per request."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from campaigns import kinds, level_chances, origins, playing, presenting
from campaigns.dead_ends import dead_end
from campaigns.definition import Campaign, Pool, Task
from campaigns.eligibility import NO_FACTS, CampaignDecision, Subject, TaskFacts, TaskState, decide
from campaigns.entering import Origin
from campaigns.kinds.face import Turn
from campaigns.models import Enrolment
from campaigns.presenting import Board, board, gifts_named
from campaigns.refusals import Refusal, Refused
from campaigns.subjects import load_visit
from campaigns.theming import colour_key
from campaigns.turns import turn_at
from campaigns.wordings import WORDINGS
from members.entering import EntryRefusal
from members.models import Member
from members.participants import participant_of, refused
from operations import clock
from operations.undone import is_under_way
from rewards.catalogue import names_of_edition, pool_of_edition
from rewards.published_prizes import PublishedPool


@dataclass(frozen=True, slots=True)
class Visit:
    member: Member
    definition: Campaign
    subject: Subject
    decision: CampaignDecision
    now: datetime
    origin: Origin | None = None
    # Of the campaign (`campaigns.published`) and of gifts and pools (`rewards.catalogue`): things are kept by them.
    edition: str = ""
    catalogue: int | None = None

    @property
    def slug(self) -> str:
        return self.definition.slug

    def board(self) -> Board:
        return board(self.decision, self.gift_names())

    def facts(self, task: Task) -> TaskFacts:
        return (self.subject.tasks or {}).get(task.key, NO_FACTS)

    def turn(self, task: Task) -> Turn:
        """The member's turn with a task, to show it: without the lock that a move takes."""
        enrolment = Enrolment.objects.filter(member=self.member, campaign__slug=self.slug).first()
        return turn_at(self.definition, task, self.subject, enrolment=enrolment, now=self.now)

    def gift_names(self) -> dict[str, str]:
        """The names of the gifts that tasks and chains give. No query where none gives one."""
        definition = self.definition
        rewards = [task.reward for task in definition.tasks] + [chain.reward for chain in definition.chains]
        return self.names(gifts_named(rewards))

    def names(self, gifts: Iterable[str]) -> dict[str, str]:
        """The names of these gifts, by their keys."""
        return names_of_edition(gifts, self.catalogue)

    def published(self, pool: Pool | None = None) -> PublishedPool | None:
        """A pool as published, else the one that the next draw is from."""
        pool = pool or self.decision.pool or self.pool_while_open()
        return pool_of_edition(pool.slug, pool.version, self.catalogue) if pool else None

    def pool_while_open(self) -> Pool | None:
        """Before the opening and in a pause, the pool that the member would meet."""
        return self.decision_while_open().pool

    def decision_while_open(self) -> CampaignDecision:
        """What the member would get if the campaign were open."""
        definition = replace(self.definition, paused=False, ended=False)
        return decide(definition, replace(self.subject, now=definition.opens_at, paused=False, ended=False))

    def context(self, here: str) -> dict[str, object]:
        """What the frame of each page of the campaign needs."""
        return {
            "here": here,
            "slug": self.slug,
            "definition": self.definition,
            "theme": colour_key(self.definition.colour),
            "chances": self.decision.chances,
            "now": self.now,
            "request_key": uuid4(),
            "kept_by": self.kept_by,
        }

    @property
    def kept_by(self) -> str:
        """What parts of a page that are alike for everyone are kept by; "": they are not kept."""
        return f"{self.edition} {self.catalogue}" if self.catalogue else ""


def visited(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view a Visit, or the participant a page that says why there is none.

    The pages are personal and carry a fresh request key each: no cache may keep one.
    """

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: object) -> HttpResponse:
        member = participant_of(request)
        if member is None:
            return refused(request, EntryRefusal.NOT_ENTERED)
        try:
            visit = visit_of(member, slug, clock.now())
            if visit is None:
                return no_campaign(request)
            visit = replace(visit, origin=origins.origin_of(request, now=visit.now))
            response = view(request, _arrived(request, visit) if request.method == "GET" else visit, **kwargs)
        except Member.DoesNotExist:
            # Erased since the participant was recognised.
            return refused(request, EntryRefusal.NOT_ENTERED)
        origins.keep_device(request, response)
        return response

    return wrapped


def no_campaign(request: HttpRequest) -> HttpResponse:
    return dead_end(
        request,
        title=_("There is no such campaign"),
        text=_("The link may be incomplete, or the campaign has been taken down."),
        icon="info",
    )


def no_task(request: HttpRequest, visit: Visit) -> HttpResponse:
    return dead_end(
        request,
        title=_("There is no such task"),
        text=WORDINGS[Refusal.NO_TASK],
        icon="info",
        context=visit.context("task"),
    )


def _arrived(request: HttpRequest, visit: Visit) -> Visit:
    """Move the tasks that a visit by itself moves, and tell what that brought."""
    steps = (step for chain in visit.decision.chains for step in chain.steps)
    due = [each.task for each in (*visit.decision.tasks, *steps) if each.state is TaskState.OPEN]
    due = [task for task in due if kinds.find(task.kind).on_visit(task.config)]
    if not due:
        return visit
    for task in due:
        with suppress(Refused):
            moved = playing.submit(visit.member, visit.slug, task.key, {}, now=visit.now)
            for level, text in presenting.told(moved, visit.gift_names()):
                messages.add_message(request, level, text)
    return _seen(visit.member, visit.slug, visit.now) or visit


def visit_of(member: Member, slug: str, now: datetime) -> Visit | None:
    """Decide; and once more with what it brought, for whoever comes first or is due draws by their level."""
    seen = _seen(member, slug, now)
    if seen is None:
        return None
    subject, decision, definition = seen.subject, seen.decision, seen.definition
    if decision.refusal is None and not subject.enrolled:
        # Paused or ended this very moment: then the page says so.
        with suppress(Refused):
            playing.enrol(member, slug, now=now)
        return _seen(member, slug, now)
    if decision.refusal is None and level_chances.give(subject, definition, now=now):
        return _seen(member, slug, now)
    return seen


def _seen(member: Member, slug: str, now: datetime) -> Visit | None:
    """What stands at this moment, in one query; None where no such campaign was ever published."""
    loaded = load_visit(member.pk, slug, now=now)
    if loaded is None:
        raise Member.DoesNotExist
    definition, facts = loaded
    if definition is None:
        return None
    subject = facts.for_campaign(definition)
    # An edition that is taken back names other things when it comes again.
    catalogue = None if is_under_way() else facts.catalogue
    return Visit(
        member, definition, subject, decide(definition, subject), now, edition=facts.edition, catalogue=catalogue
    )
