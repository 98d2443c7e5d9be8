"""What keeps a task from a member, in words, and the way that opens it (`campaigns.openings`)."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from campaigns.definition import Campaign
from campaigns.openings import BY_AUDIENCE, Opening
from campaigns.refusals import Refusal
from campaigns.theming import colour_key
from campaigns.wordings import wording
from members.isolated import isolated
from members.level_progress import LevelProgress, progress_of
from members.models import Level, Member
from operations.sentences import listed


@dataclass(frozen=True, slots=True)
class Told:
    """`reason` is the heading, `more` what it means for this member, `url` the way on and `way` its words.

    `have` of `need`: how far the member is, where that is a number. `opens_at`: when it opens by itself.
    """

    reason: str
    more: str = ""
    way: str = ""
    url: str = ""
    have: int = 0
    need: int = 0
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, where and when. The levels are read where a level is what is missing, else nothing is."""

    definition: Campaign
    member: Member
    score: int
    now: datetime

    @property
    def campaign_url(self) -> str:
        return reverse("h5-campaign", args=[self.definition.slug])


def told(opening: Opening, asking: Asking) -> Told:
    """The words for a member about a task that is kept from them."""
    if opening.for_others:
        return _to_others(_("This task is for other members."), asking)
    if opening.levels:
        return _of_level(opening, asking)
    if opening.refusal in BY_AUDIENCE:
        return _of_score(opening, asking) if opening.refusal is not Refusal.PROFILING_REFUSED else _of_profiling()
    return _WORDS.get(opening.refusal, _as_worded)(opening, asking)


def _to_others(reason: str, asking: Asking, more: str = "") -> Told:
    """Nothing opens it: there are other tasks."""
    more = more or _("Other tasks are there for you.")
    return Told(reason, more, _("See my tasks"), asking.campaign_url)


def _of_level(opening: Opening, asking: Asking) -> Told:
    levels = {level.slug: level for level in Level.objects.order_by("rank")}
    asked = [level for slug, level in levels.items() if slug in opening.levels]
    progress = progress_of(asking.member, now=asking.now, levels=list(levels.values()))
    own, url = str(progress.level or _("Member")), _level_url(asking)
    step = _step_to_reach(asked, progress)
    if step is not None:
        need = step.growth_needed or 0
        words = {"own": own, "missing": need - progress.counted}
        more = _("You are %(own)s: %(missing)d growth value more, and it opens.") % words
        reason = _("From level %(level)s on") % {"level": step}
        return Told(reason, _with_score(more, opening, asking), _("How I rise"), url, have=progress.counted, need=need)
    reason = _("For members of this level: %(levels)s") % {"levels": listed(map(str, asked)) or "–"}
    if any(each.kind == Level.Kind.PAID for each in asked):
        more = _("You are %(own)s. It opens as soon as you have this level.") % {"own": own}
        return Told(reason, _with_score(more, opening, asking), _("See the levels"), url)
    more = _("You are %(own)s: other tasks are there for you.") % {"own": own}
    return _to_others(reason, asking, more)


def _step_to_reach(asked: Sequence[Level], progress: LevelProgress) -> Level | None:
    """The lowest of the levels asked for that the member can still rise to by growth value."""
    rank = progress.level.rank if progress.level else 0
    ahead = (each for each in asked if each.growth_needed and each.growth_needed > progress.counted)
    return next((each for each in ahead if each.rank > rank), None)


def _with_score(more: str, opening: Opening, asking: Asking) -> str:
    return f"{more} {_score_words(opening, asking)}" if opening.score_missing else more


def _level_url(asking: Asking) -> str:
    here = {"c": asking.definition.slug, "t": colour_key(asking.definition.colour)}
    return f"{reverse('h5-level')}?{urlencode(here)}"


def _of_score(opening: Opening, asking: Asking) -> Told:
    if opening.score_below is not None:
        words = {"below": opening.score_below, "score": asking.score}
        reason = _("For members below %(below)d campaign score") % words
        return _to_others(reason, asking, _("You have %(score)d already: other tasks are there for you.") % words)
    reason = _("From %(need)d campaign score on") % {"need": opening.score_from}
    more = _score_words(opening, asking)
    have, need = asking.score, opening.score_from or 0
    return Told(reason, more, _("Earn score"), asking.campaign_url, have=have, need=need)


def _score_words(opening: Opening, asking: Asking) -> str:
    words = {"score": asking.score, "missing": opening.score_missing}
    return _("You have %(score)d campaign score: %(missing)d more, and it opens.") % words


def _of_profiling() -> Told:
    more = _("You can change that under privacy at any time.")
    return Told(wording(Refusal.PROFILING_REFUSED), more, _("To privacy"), reverse("h5-privacy"))


def _of_step(opening: Opening, asking: Asking) -> Told:
    if opening.task is None:
        return _as_worded(opening, asking)
    url = reverse("h5-task", args=[asking.definition.slug, opening.task.key])
    if opening.refusal is Refusal.STEP_SKIPPED:
        more = _("Go on with “%(step)s”.") % {"step": isolated(opening.task.title)}
        return Told(wording(opening.refusal), more, _("To the next step"), url)
    if opening.refusal is Refusal.SLOT_TAKEN:
        return Told(wording(opening.refusal), opening.task.title, _("To this task"), url)
    reason = _("First: %(step)s") % {"step": isolated(opening.task.title)}
    return Told(reason, _("These tasks open one after the other."), _("To this step"), url)


def _of_quota(opening: Opening, asking: Asking) -> Told:
    if opening.opens_at is None:
        return _to_others(wording(opening.refusal), asking)
    more = _("New places open on %(moment)s.") % {"moment": _moment(opening.opens_at)}
    return Told(
        _("All places are taken for now."), more, _("See my tasks"), asking.campaign_url, opens_at=opening.opens_at
    )


def _of_deadline(opening: Opening, asking: Asking) -> Told:
    if opening.opens_at:
        more = _("You can try again from %(moment)s on.") % {"moment": _moment(opening.opens_at)}
        return Told(wording(opening.refusal), more, _("See my tasks"), asking.campaign_url, opens_at=opening.opens_at)
    more = _("What you have received stays yours, and your other tasks go on.")
    return _to_others(wording(opening.refusal), asking, more)


def _of_checking(opening: Opening, asking: Asking) -> Told:
    more = _("There is nothing you need to do. What comes of it is shown here.")
    if opening.refusal is Refusal.NOT_GRANTED:
        more = _("If you think this is a mistake, please ask %(organiser)s.") % {
            "organiser": isolated(asking.definition.organiser)
        }
    return _to_others(wording(opening.refusal), asking, more)


def _of_campaign(opening: Opening, asking: Asking) -> Told:
    if opening.refusal is Refusal.CLOSED:
        more = _("What you have won stays yours.")
        return Told(wording(opening.refusal), more, _("To my prizes"), reverse("h5-my-awards"))
    more = ""
    if opening.opens_at:
        more = _("It opens on %(moment)s.") % {"moment": _moment(opening.opens_at)}
    return Told(wording(opening.refusal), more, _("To the campaign"), asking.campaign_url, opens_at=opening.opens_at)


def _as_worded(opening: Opening, asking: Asking) -> Told:
    return _to_others(wording(opening.refusal), asking)


def _moment(moment: datetime) -> str:
    return str(formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT"))


def _for(refusals: Collection[Refusal], words: Callable[[Opening, Asking], Told]) -> dict[Refusal, Callable[..., Told]]:
    return dict.fromkeys(refusals, words)


_WORDS = {
    **_for((Refusal.STEP_LOCKED, Refusal.STEP_SKIPPED, Refusal.SLOT_TAKEN), _of_step),
    **_for((Refusal.QUOTA,), _of_quota),
    **_for((Refusal.TOO_LATE, Refusal.CLAIM_EXPIRED, Refusal.CHAIN_OVER), _of_deadline),
    **_for((Refusal.HELD, Refusal.NOT_GRANTED), _of_checking),
    **_for((Refusal.NOT_OPEN, Refusal.CLOSED, Refusal.PAUSED), _of_campaign),
}
