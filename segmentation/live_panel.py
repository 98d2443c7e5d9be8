"""The live count as the editor shows it: figures, the rule in words, who they are, and each fault at its clause."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.models import Member
from operations.charts import Bar, Bars, share
from segmentation import rules, sources
from segmentation.audience import MakeUp
from segmentation.counting import Live, read_rule
from segmentation.fields import Kind
from segmentation.models import Segment
from segmentation.naming import load_names
from segmentation.rule_errors import RuleError
from segmentation.rule_faults import faults_of, split_path
from segmentation.rules import Rule
from segmentation.sentences import sentence
from segmentation.wording import fault_words

SHOWN_OVERLAPS = 6
SHOWN_MEMBERS = 8


def shown(rule_json: Any, answer: Live, *, segment: Segment | None, user: User | AnonymousUser) -> dict[str, Any]:
    """Return what the script puts on the page: {"faults": […]}, or {"count": n, "head": HTML, "panel": HTML}."""
    if answer.fault is not None:
        return {"count": None, "faults": list(_faults(rule_json, answer.fault)), "head": "", "panel": ""}
    rule, names = _rule(rule_json), load_names()
    sees = user.has_perm
    words = {
        "answer": answer,
        "share": _per_cent(answer.count, answer.total),
        "sentence": sentence(rule, names),
        "difference": _difference(answer, segment),
        "segment": segment,
        "make_up": list(_make_up(answer)),
        "overlaps": _overlap_bars(answer) if sees("segmentation.view_segment") else None,
        "members": _members(answer) if sees("members.view_member") else [],
    }
    drawn = {part: render_to_string(f"admin/segmentation/live_{part}.html", words) for part in ("head", "panel")}
    return {"count": answer.count, "faults": []} | drawn


def _rule(rule_json: Any) -> Rule:
    """Return a rule that was just counted; only the values of declared attributes wait for the catalogue's queries."""
    rule = rules.parse(rule_json)
    declared = any(leaf.spec.kind is Kind.DECLARED for leaf in rules.leaves(rule))
    return read_rule(rule_json) if declared else rule


def _faults(rule_json: Any, fault: Exception) -> Iterator[dict[str, str]]:
    """Yield each fault with its path. The words leave the path out: they are shown where it leads."""
    if not isinstance(fault, RuleError):
        path, told = split_path(str(fault))
        yield {"path": path, "words": told}
        return
    for each in faults_of(rule_json, sources.catalogue()) or [fault]:
        yield {"path": each.path, "words": fault_words(each).removeprefix(f"{each.path}: ")}


def _difference(answer: Live, segment: Segment | None) -> str:
    """Return by how many the rule holds for more, or fewer, than the saved one's last good version has."""
    if segment is None or segment.members is None:
        return ""
    more = answer.count - segment.members.size
    return f"+{intcomma(more)}" if more > 0 else f"−{intcomma(-more)}" if more < 0 else "±0"


def _make_up(answer: Live) -> Iterator[Bars]:
    captions = (_("By level"), _("By region"), _("By RFM class"))
    for caption, made_up in zip(captions, (answer.level, answer.region, answer.rfm_class), strict=True):
        if made_up.shares:
            yield Bars(caption, tuple(_bars(made_up, answer.count)))


def _bars(made_up: MakeUp, count: int) -> Iterator[Bar]:
    for each in made_up.shares:
        yield _bar(each.label or pgettext("value of a member", "none"), each.members, count)
    if made_up.others:
        yield _bar(pgettext("values of members", "others"), made_up.others, count)


def _overlap_bars(answer: Live) -> Bars | None:
    shown = answer.overlaps[:SHOWN_OVERLAPS]
    common = tuple(_bar(each.name, each.both, each.count) for each in shown if each.both)
    return Bars(_("Also in other segments"), common) if common else None


def _bar(label: str, part: int, whole: int) -> Bar:
    return Bar(label, share(part, whole), intcomma(part), _per_cent(part, whole))


def _per_cent(part: int, whole: int) -> str:
    return f"{number_format(round(share(part, whole), 1), decimal_pos=1)} %"


def _members(answer: Live) -> list[Member]:
    return list(Member.objects.filter(pk__in=answer.sample[:SHOWN_MEMBERS]).select_related("level").order_by("pk"))
