"""What the kinds of tasks among friends have in common: a link, and friends who answer it."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns import share_links, sharing_config
from campaigns.definition import Campaign, Task
from campaigns.kinds.face import Group, Kind, Standing, Turn
from campaigns.refusals import Because
from campaigns.share_links import Shared, ShareLink
from members.masking import masked_name

if TYPE_CHECKING:
    from campaigns.answering import Answer
    from campaigns.completing import TaskMoved
    from members.models import Member


@dataclass(frozen=True, slots=True)
class Friend:
    """A friend as the sharer and other friends see them: never with the whole name."""

    name: str
    at: datetime
    state: str | Promise = ""
    done: bool = True


class Linked(Kind):
    """A kind of task with a link that the member sends; its part of the page behind it is `h5/shared/NAME.html`."""

    GROUP = Group.SHARE
    # Over the page that a link opens, with %(name)s for the sharer; on its button; and after it.
    ASKS: ClassVar[Promise]
    BUTTON: ClassVar[Promise]
    # The setting that says what the friend gets.
    FRIEND_REWARD: ClassVar[str] = ""

    def link_until(self, config: Mapping[str, Any], turn: Turn) -> datetime | None:
        """When the member's link ends; None where there is nothing to answer."""
        return turn.window.until

    def link_of(self, config: Mapping[str, Any], turn: Turn) -> str | None:
        """The path of the member's link, where there is one now."""
        until = self.link_until(config, turn) if turn.enrolment_id else None
        if until is None or until <= turn.now:
            return None
        return share_links.address(share_links.seal(ShareLink(turn.enrolment_id, turn.task.key, until)))

    def about(self, task: Task) -> str:
        """What the friend is asked for, or what is sold."""
        return task.title

    def friend_terms(self, config: Mapping[str, Any]) -> str | Promise:
        """What the friend has to know beforehand; "" where one tap is all."""
        return ""

    def poster_price(self, shared: Shared) -> tuple[str, str] | None:
        """The price to come and the one now, as money, where something is sold. May query."""
        return None

    def landing(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        """What the page that a link opens shows of the sharer's turn: may query, changes nothing."""
        return {}

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        link, until = self.link_of(config, turn), self.link_until(config, turn)
        friend_gets = sharing_config.reward_in(config, self.FRIEND_REWARD) if self.FRIEND_REWARD else None
        return {"link": link, "link_until": until, "friend_gets": friend_gets} | dict(self.landing(config, turn))


class SharedKind(Linked):
    """A kind of task that is moved by what the member's friends do: it observes rows that their answers write."""

    OBSERVES = True
    THANKS: ClassVar[Promise]
    # Where the friend may do the same, once they have answered.
    OWN_TURN: ClassVar[Promise]

    def answer(self, given: "Answer") -> "TaskMoved":
        """A friend answers a link. Raises Refused, BadSubmission."""
        raise NotImplementedError

    def answered(self, turn: Turn, member_id: int) -> bool:
        """Whether the member has answered the sharer's link in this turn of the sharer's."""
        raise NotImplementedError

    def closed(self, turn: Turn, shown: Mapping[str, Any]) -> Because | None:
        """Why nobody can answer the sharer's link now, by what `landing` shows."""
        return None

    def closed_to(self, task: Task, definition: Campaign, member: "Member") -> Because | None:
        """Why this member cannot answer it, as far as a look tells: the answer itself has the last word."""
        return None

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        return self.THANKS if result.get("answered") else None


def names_of(rows: Iterable[tuple[str, datetime]]) -> list[Friend]:
    """Friends by (name, when)."""
    return [Friend(shown_name(name), at) for name, at in rows]


def shown_name(name: str) -> str:
    """The name as others see it: its first character that is seen at all, and a mask for the rest."""
    seen = "".join(each for each in name if unicodedata.category(each)[0] not in "CMZ")
    return masked_name(seen) or _("A friend")


def with_link(facts: Mapping[str, Any], link: str | None) -> dict[str, Any]:
    """Facts that are told to whoever moves the task."""
    return dict(facts) | ({"link": link} if link else {})
