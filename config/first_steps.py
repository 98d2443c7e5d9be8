"""The way from an empty shop to a first campaign, with what is done ticked."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

# Whether there is one of each: a row is looked for, none is counted.
EXIST = """
SELECT EXISTS (SELECT FROM members_member), EXISTS (SELECT FROM segmentation_segment),
    EXISTS (SELECT FROM campaigns_campaign), EXISTS (SELECT FROM campaigns_revision)
"""


@dataclass(frozen=True, slots=True)
class Step:
    """`link` is "" for whoever may not take it. `is_next` marks the first that is not done."""

    title: str
    help: str
    done: bool
    link: str
    is_next: bool = False


def first_steps(user: Any) -> list[Step]:
    """Return the steps while any is undone, else none; none also to whoever may take none of them. One statement."""
    links = {
        name: reverse(page) if user.has_perm(right) else ""
        for name, right, page in (
            ("members", "members.start_importrun", "admin:members_importrun_changelist"),
            ("segment", "segmentation.add_segment", "admin:segmentation_segment_add"),
            ("campaign", "campaigns.add_campaign", "admin:campaigns_campaign_build_start"),
            ("publish", "campaigns.view_campaign", "admin:campaigns_campaign_changelist"),
        )
    }
    if not any(links[name] for name in ("members", "segment", "campaign")):
        return []
    done = _done()
    steps = [Step(title, told, done[name], links[name]) for name, title, told in _words()]
    undone = next((place for place, step in enumerate(steps) if not step.done), None)
    if undone is None:
        return []
    return [
        Step(step.title, step.help, step.done, step.link, is_next=place == undone) for place, step in enumerate(steps)
    ]


def _words() -> list[tuple[str, str, str]]:
    return [
        ("members", _("Import members"), _("Bring in a file of members, and their orders if you have them.")),
        ("segment", _("Define a segment"), _("Say who belongs to it: by orders, levels, tags, events.")),
        ("campaign", _("Draft a campaign"), _("Tasks to do, chances to draw, prizes to win.")),
        ("publish", _("Publish it"), _("A second person approves, and members can take part.")),
    ]


def _done() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(EXIST)
        return dict(zip(("members", "segment", "campaign", "publish"), cursor.fetchone(), strict=True))
