"""What the kinds of tasks among friends have in common: a link, and friends who answer it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns import share_links
from campaigns.kinds.face import Group, Kind, Standing, Turn
from campaigns.share_links import ShareLink
from members.masking import masked_name

if TYPE_CHECKING:
    from campaigns.answering import Answer
    from campaigns.completing import TaskMoved


@dataclass(frozen=True, slots=True)
class Friend:
    """A friend as the sharer and other friends see them: never with the whole name."""

    name: str
    at: datetime
    state: str | Promise = ""
    done: bool = True


class SharedKind(Kind):
    """A kind of task that is moved by what the member's friends do: it observes rows that their answers write.

    Its part of the page that a link opens is `templates/h5/shared/NAME.html`.
    """

    GROUP = Group.SHARE
    OBSERVES = True
    # Over the page that a link opens, with %(name)s for the sharer; on its button; and after it.
    ASKS: ClassVar[Promise]
    BUTTON: ClassVar[Promise]
    THANKS: ClassVar[Promise]
    # The setting that says what the friend gets.
    FRIEND_REWARD: ClassVar[str]

    def answer(self, given: "Answer") -> "TaskMoved":
        """A friend answers a link. Raises Refused, BadSubmission."""
        raise NotImplementedError

    def answered(self, turn: Turn, member_id: int) -> bool:
        """Whether the member has answered the sharer's link in this turn of the sharer's."""
        raise NotImplementedError

    def landing(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        """What the page that a link opens shows of the sharer's turn: may query, changes nothing."""
        return {}

    def link_until(self, config: Mapping[str, Any], turn: Turn) -> datetime | None:
        """When the member's link ends; None where there is nothing to answer."""
        return turn.window.until

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> str | Promise | None:
        return self.THANKS if result.get("answered") else None

    def link_of(self, config: Mapping[str, Any], turn: Turn) -> str | None:
        """The path of the member's link, where there is one now."""
        until = self.link_until(config, turn) if turn.enrolment_id else None
        if until is None or until <= turn.now:
            return None
        return share_links.address(share_links.seal(ShareLink(turn.enrolment_id, turn.task.key, until)))

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return {"link": self.link_of(config, turn), **self.landing(config, turn)}


def names_of(rows: Iterable[tuple[str, datetime]]) -> list[Friend]:
    """Friends by (name, when)."""
    return [Friend(shown_name(name), at) for name, at in rows]


def shown_name(name: str) -> str:
    return masked_name(name) or _("A friend")


def with_link(facts: Mapping[str, Any], link: str | None) -> dict[str, Any]:
    """Facts that are told to whoever moves the task."""
    return dict(facts) | ({"link": link} if link else {})
