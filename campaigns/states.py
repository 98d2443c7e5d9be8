"""The states of a campaign, and which change leads from where to where. The only writer of `Campaign.state`.

draft → in review → scheduled → live ⇄ paused → ended → archived. A trigger of the database refuses whatever is not
listed here (migration). A live campaign changes through a new revision and stays live while that is in review.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.entering import scope_of_slug
from campaigns.models import Campaign
from operations import audit
from operations.audit import Actor
from rewards import draw_gates

State = Campaign.State
# The states in which participants meet the campaign; the clock says which of its days it is.
RUNNING = (State.SCHEDULED, State.LIVE, State.PAUSED)
# Play goes on in these, from the opening on: a scheduled campaign is live to the second, whenever the job comes.
OPEN = (State.SCHEDULED, State.LIVE)
OVER = (State.ENDED, State.ARCHIVED)


class NotPossible(Exception):
    """The campaign is in a state from which this cannot be done; `state` is that one."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True, slots=True)
class Change:
    """`action` is its name in the audit trail."""

    action: str
    sources: tuple[State, ...]
    targets: tuple[State, ...]


SUBMIT = Change("campaign.submitted", (State.DRAFT,), (State.IN_REVIEW,))
WITHDRAW = Change("campaign.withdrawn", (State.IN_REVIEW,), (State.DRAFT,))
SEND_BACK = Change("campaign.sent_back", (State.IN_REVIEW,), (State.DRAFT,))
LAUNCH = Change("campaign.launched", (State.DRAFT, State.IN_REVIEW), OPEN)
OPEN_UP = Change("campaign.opened", (State.SCHEDULED,), (State.LIVE,))
PAUSE = Change("campaign.paused", OPEN, (State.PAUSED,))
RESUME = Change("campaign.resumed", (State.PAUSED,), OPEN)
END = Change("campaign.ended", RUNNING, (State.ENDED,))
ARCHIVE = Change("campaign.archived", (State.DRAFT, State.ENDED), (State.ARCHIVED,))
UNARCHIVE = Change("campaign.unarchived", (State.ARCHIVED,), (State.DRAFT, State.ENDED))
CHANGES = (SUBMIT, WITHDRAW, SEND_BACK, LAUNCH, OPEN_UP, PAUSE, RESUME, END, ARCHIVE, UNARCHIVE)


def transitions() -> frozenset[tuple[str, str]]:
    """Every (from, to) that some change makes: what the trigger of the database admits."""
    return frozenset(
        (source.value, target.value) for each in CHANGES for source in each.sources for target in each.targets
    )


def possible(change: Change, state: str) -> bool:
    return state in change.sources


def locked(campaign: Campaign) -> Campaign:
    """The campaign's row, held until the transaction ends; everyone who changes state or draft takes it first."""
    return Campaign.objects.select_for_update(of=("self",)).select_related("current").get(pk=campaign.pk)


def change(  # noqa: PLR0913 a change says what, to where, who, when and why
    campaign: Campaign,
    what: Change,
    to: State,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    """Make the change of a campaign that `locked` returned, on record. Raises NotPossible from any other state."""
    move(campaign, what, to)
    audit.record(
        what.action,
        campaign,
        by=by,
        now=now,
        reason=reason,
        changes={"state": [campaign.state, to.value]} | (changes or {}),
    )
    campaign.state = to.value


def move(campaign: Campaign, what: Change, to: State, **fields: Any) -> None:
    """Write the state, and with it other fields of the same row; the caller keeps the record."""
    if to not in what.targets:
        raise ValueError(f"{what.action} does not lead to {to}")
    if not _guarded(campaign.pk, what.sources).update(state=to, **fields):
        raise NotPossible(Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk))
    # Of a campaign that was never published nobody draws, and its scope has no gate.
    if campaign.current_id is not None:
        draw_gates.set_open(scope_of_slug(campaign.slug), is_open=to in OPEN)


def _guarded(campaign_id: int, sources: Collection[str]) -> Any:
    return Campaign.objects.filter(pk=campaign_id, state__in=sources)


def state_by_clock(opens_at: datetime, *, now: datetime) -> State:
    """What a campaign is whose play is not stopped."""
    return State.SCHEDULED if now < opens_at else State.LIVE
