"""The steps of the builder: what each is called, what it holds, and what helps on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Tip:
    """A term of the trade, and what it means here."""

    term: Words
    told: Words


@dataclass(frozen=True, slots=True)
class Step:
    """`rows` are the campaign's own fields in the rows of the form; `inlines` name what belongs to it."""

    key: str
    title: Words
    lead: Words
    icon: str
    rows: Sequence[str | tuple[str, ...]] = ()
    inlines: Sequence[str] = ()
    tips: Sequence[Tip] = ()

    @property
    def fields(self) -> list[str]:
        return [name for row in self.rows for name in ([row] if isinstance(row, str) else row)]

    @property
    def has_form(self) -> bool:
        return bool(self.rows or self.inlines)


AUDIENCE = Step(
    "audience",
    pgettext_lazy("step of the builder", "Audience"),
    _("What the campaign is called, when it runs, and which members it is for."),
    "group",
    rows=(("name", "slug"), "opens_at", "closes_at", "time_zone", "audience"),
    tips=(
        Tip(_("Audience"), _("The members who meet the campaign at all. Nothing chosen: every member.")),
        Tip(
            _("Level, tag, segment"),
            _("A member has to fulfil every part that you choose; one of each list is enough."),
        ),
        Tip(
            pgettext_lazy("campaign", "Score"),
            _("Points of this campaign only, earned by its tasks. At the start everybody has 0."),
        ),
        Tip(_("Key"), _("The end of the campaign's address. It stays as it is once the campaign is published.")),
    ),
)
TASKS = Step(
    "tasks",
    pgettext_lazy("step of the builder", "Tasks and chains"),
    _("What members do, in which order they see it, and which tasks unlock one another."),
    "checklist",
    inlines=("tasks", "chains"),
    tips=(
        Tip(
            _("Task"), _("One thing a member does: check in, buy, invite a friend. Its kind decides what it asks for.")
        ),
        Tip(
            _("Chain"),
            _("Tasks in a row: each opens when the one before is done. The chain may give a reward of its own."),
        ),
        Tip(
            pgettext_lazy("of a task", "Place"),
            _("Tasks that name the same place are faces of one task: a member meets the first that is for them."),
        ),
        Tip(
            _("For whom a step falls away"),
            _("Members for whom a step makes no sense skip it; the chain goes on for them."),
        ),
    ),
)
POOLS = Step(
    "pools",
    pgettext_lazy("step of the builder", "Prize pools"),
    _("What members may win with the draw chances that tasks give, and who draws from which pool."),
    "redeem",
    inlines=("pools",),
    tips=(
        Tip(_("Prize pool"), _("Prizes with their odds and stock. One pool may be better than another.")),
        Tip(
            _("Who draws from which"),
            _("Level and tags choose before the score does; a pool for everybody comes last."),
        ),
        Tip(_("Only by name"), _("A pool that only a task or the result of a quiz leads to.")),
        Tip(_("No pool"), _("A campaign without draw chances needs none: leave this step empty.")),
    ),
)
LOOK = Step(
    "look",
    pgettext_lazy("step of the builder", "Look"),
    _("What members see: the line below the name, the picture, the colour and the rules."),
    "palette",
    rows=("tagline", "organiser", "colour", "banner", "rules"),
    tips=(
        Tip(_("Rules"), _("Say who may take part, from when to when, what can be won and how prizes arrive.")),
        Tip(_("Organiser"), _("The company that answers for the campaign; the law wants it named.")),
        Tip(_("Colour"), _("Buttons and headings follow it; texts stay legible whatever you choose.")),
    ),
)
CHECK = Step(
    "check",
    pgettext_lazy("step of the builder", "Check"),
    _("What is still wrong, and where to mend it."),
    "fact_check",
    tips=(
        Tip(_("Fault"), _("With a fault the campaign cannot be published. Each leads to the step that mends it.")),
        Tip(_("Against participants"), _("While members take part a campaign may only get better for them.")),
    ),
)
PUBLISH = Step(
    "publish",
    pgettext_lazy("step of the builder", "Publish"),
    _("What changes for members, and who looks at it before they see it."),
    "rocket_launch",
    tips=(
        Tip(_("Four eyes"), _("Whoever submits a campaign does not approve it: somebody else does.")),
        Tip(_("Revision"), _("What is published stays as it is. Later changes are a new revision of it.")),
    ),
)
STEPS = (AUDIENCE, TASKS, POOLS, LOOK, CHECK, PUBLISH)
BY_KEY = {step.key: step for step in STEPS}


def before(step: Step) -> Step | None:
    place = STEPS.index(step)
    return STEPS[place - 1] if place else None


def after(step: Step) -> Step | None:
    return dict(pairwise(STEPS)).get(step)
