"""What a level brings and asks for, in words for its members."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from members.bilingual import in_reader_language
from members.models import Level


def benefits_of(level: Level) -> list[str]:
    """Return a line for each benefit, in the reader's language: what the house gives, then the operator's own words."""
    lines = []
    if level.points_multiplier != 1:
        times = f"{level.points_multiplier.normalize():f}"
        lines.append(_("%(times)s × points for each purchase") % {"times": times})
    if level.extra_chances:
        lines.append(_extra_chances(level))
    own = in_reader_language(level.benefits, level.benefits_en)
    return lines + [line.strip() for line in own.splitlines() if line.strip()]


def needed_for(level: Level) -> str:
    """Return how the level is reached and for how long it is valid."""
    if level.kind == Level.Kind.PAID:
        reached = pgettext("level", "paid")
    elif level.growth_needed:
        reached = _("from %(growth)s growth value") % {"growth": number_format(level.growth_needed, use_l10n=True)}
    else:
        reached = _("for every member")
    if level.valid_months is None or (level.kind == Level.Kind.GROWTH and not level.growth_needed):
        return reached
    months = ngettext("valid for %(count)s month", "valid for %(count)s months", level.valid_months)
    return f"{reached} · {months % {'count': level.valid_months}}"


def _extra_chances(level: Level) -> str:
    period = Level.Period(level.extra_chances_period)
    chances = {"count": level.extra_chances}
    if period is Level.Period.DAY:
        words = ngettext("%(count)s extra draw chance a day", "%(count)s extra draw chances a day", level.extra_chances)
    elif period is Level.Period.WEEK:
        words = ngettext(
            "%(count)s extra draw chance a week", "%(count)s extra draw chances a week", level.extra_chances
        )
    else:
        words = ngettext(
            "%(count)s extra draw chance a month", "%(count)s extra draw chances a month", level.extra_chances
        )
    return words % chances
