"""The campaigns of one member's home, and what waits for them in each. Pure: it neither decides nor queries.

A campaign that is not for the member is not there: the refusal would only tell who it is for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.definition import Campaign
from campaigns.eligibility import CampaignDecision, Subject, TaskDecision, TaskState, decide
from campaigns.presenting import STATE_ORDER
from campaigns.refusals import Refusal
from campaigns.subjects import Facts
from campaigns.theming import colour_key

# How long before it opens a campaign is announced.
ANNOUNCED = timedelta(days=30)
_ACTIONABLE = (TaskState.CLAIMABLE, TaskState.OPEN, TaskState.OFFERED)


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign as one member meets it on their home. `next_task` is what they can do first, "" for nothing."""

    slug: str
    name: str
    tagline: str
    organiser: str
    theme: str
    # The reference of a stored picture, "" for none.
    banner: str
    opens_at: datetime
    closes_at: datetime
    begun: bool
    paused: bool = False
    claimable: int = 0
    chances: int = 0
    next_task: str = ""
    done: int = 0
    tasks: int = 0

    @property
    def tone(self) -> str:
        """The class that carries its colours (`campaigns.theming.tones`)."""
        return f"tone-{self.theme}"

    @property
    def waits(self) -> bool:
        """Whether something of the member's lies there."""
        return bool(self.claimable or self.chances)


@dataclass(frozen=True, slots=True)
class Home:
    """What the member may take part in now, what has most to give first, and what opens soon."""

    now: tuple[CampaignCard, ...]
    soon: tuple[CampaignCard, ...]

    @property
    def themes(self) -> list[str]:
        return sorted({card.theme for card in (*self.now, *self.soon)})


def home(definitions: Iterable[Campaign], facts: Facts) -> Home:
    """Lay out the running campaigns for the member of `facts`."""
    running, soon = [], []
    for definition in definitions:
        subject = facts.for_campaign(definition)
        decision = decide(definition, subject)
        match decision.refusal:
            case None:
                running.append(_card(definition, subject, decision))
            case Refusal.PAUSED if subject.enrolled:
                running.append(replace(_card(definition, subject, decision), paused=True))
            case Refusal.NOT_OPEN if _is_announced(definition, subject):
                soon.append(_card(definition, subject, decision))
    running.sort(key=lambda card: (card.paused, not card.waits, not card.next_task, card.closes_at))
    return Home(tuple(running), tuple(sorted(soon, key=lambda card: card.opens_at)))


def _is_announced(definition: Campaign, subject: Subject) -> bool:
    """Whether it opens soon, and for this member as they are now."""
    if definition.opens_at - subject.now > ANNOUNCED:
        return False
    return decide(definition, replace(subject, now=definition.opens_at)).refusal is None


def _card(definition: Campaign, subject: Subject, decision: CampaignDecision) -> CampaignCard:
    met = [each for each in _met(decision) if each.state in STATE_ORDER]
    able = [each for each in met if each.state in _ACTIONABLE]
    first = min(able, key=lambda each: STATE_ORDER[each.state], default=None)
    return CampaignCard(
        slug=definition.slug,
        name=definition.name,
        tagline=definition.tagline,
        organiser=definition.organiser,
        theme=colour_key(definition.colour),
        banner=definition.banner,
        opens_at=definition.opens_at,
        closes_at=definition.closes_at,
        begun=subject.enrolled,
        claimable=sum(each.state is TaskState.CLAIMABLE for each in able),
        chances=decision.chances,
        next_task=first.task.title if first else "",
        done=sum(each.state is TaskState.DONE for each in met),
        tasks=len(met),
    )


def _met(decision: CampaignDecision) -> Iterable[TaskDecision]:
    """The tasks that the member sees: those alone, and the steps of chains that are for them."""
    yield from decision.tasks
    for chain in decision.chains:
        if chain.refusal is None:
            yield from chain.steps
