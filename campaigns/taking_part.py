"""What the features of a campaign do at the moment a member enters, scores, or is done with something.

Each is called inside the transaction of what was done, behind the enrolment's lock and before anything is given, so
that what locks the member comes before whatever locks their accounts.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from campaigns import features
from campaigns.definition import Campaign, Chain, Task
from campaigns.models import Enrolment

if TYPE_CHECKING:
    from campaigns.entering import Play


def entered(definition: Campaign, enrolment: Enrolment, *, now: datetime) -> None:
    """The member has just come in: the enrolment is new."""
    for name, feature in features.of(definition.features).items():
        feature.entered(definition.features[name], definition, enrolment, now=now)


def scored(definition: Campaign, enrolment: Enrolment, *, before: int, after: int, now: datetime) -> None:
    """The score has risen. Of the enrolment its id and its member are known."""
    for name, feature in features.of(definition.features).items():
        feature.scored(definition.features[name], definition, enrolment, before=before, after=after, now=now)


def completed(play: "Play", task: Task, *, period: str) -> None:
    """The task is done, and nothing speaks against it."""
    for name, feature in features.of(play.definition.features).items():
        feature.completed(play.definition.features[name], play, task, period=period)


def finished(play: "Play", chain: Chain) -> None:
    """The last step of the chain is done."""
    for name, feature in features.of(play.definition.features).items():
        feature.finished(play.definition.features[name], play, chain)


def locks_member(definition: Campaign) -> bool:
    """Whether some of this may lock the member: then whoever gives several things locks them first."""
    return any(feature.LOCKS_MEMBER for feature in features.of(definition.features).values())
