"""Forms of tags, of their groups, and of changing the tags of many members."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
)

from operations.date_bounds import check_moment
from operations.sentences import labelled, listed
from segmentation import rule_cycles, tagging
from segmentation.counting import read_rule
from segmentation.forms import KeyedForm
from segmentation.models import MemberTag, Segment, Tag, TagBatch, TagGroup
from segmentation.rule_errors import RuleError
from segmentation.rule_widget import OptionalRuleField
from segmentation.wording import fault_words

SHOWN_CONFLICTS = 5


class TagGroupForm(KeyedForm):
    class Meta:
        model = TagGroup
        fields = ["name", "slug", "exclusive"]
        help_texts = {
            "exclusive": gettext_lazy("A tag that is set takes the place of the one of this group that was carried.")
        }

    def clean_exclusive(self) -> bool:
        exclusive = self.cleaned_data["exclusive"]
        if exclusive and self.instance.pk and not self.instance.exclusive:
            # Nobody sets a tag of the group from here to the end of the request.
            if transaction.get_connection().in_atomic_block:
                tagging.hold_group(self.instance.pk)
            self._refuse_conflicts()
            kinds = set(self.instance.tags.values_list("rule__isnull", flat=True))
            if len(kinds) > 1:
                raise ValidationError(_("In an exclusive group all tags follow a rule, or none does."))
        return exclusive

    def _refuse_conflicts(self) -> None:
        carried = MemberTag.objects.filter(tag__group=self.instance).values("member")
        several = carried.annotate(tags=Count("pk")).filter(tags__gt=1)
        count = several.count()
        if not count:
            return
        shown = several.values_list("member", flat=True).order_by("member")[:SHOWN_CONFLICTS]
        lines = [_("%(count)s members carry several tags of this group.") % {"count": count}]
        rows = MemberTag.objects.filter(tag__group=self.instance, member__in=list(shown)).select_related(
            "member", "tag"
        )
        by_uid: dict[str, list[str]] = {}
        for row in rows.order_by("member", "tag__position", "tag__slug"):
            by_uid.setdefault(row.member.uid, []).append(row.tag.name)
        lines += [labelled(uid, listed(names)) for uid, names in by_uid.items()]
        raise ValidationError(lines)


class TagInlineForm(KeyedForm):
    class Meta:
        model = Tag
        fields = ["name", "slug", "valid_days", "position"]


class TagForm(KeyedForm):
    rule = OptionalRuleField(
        required=False,
        label=gettext_lazy("Rule"),
        help_text=gettext_lazy(
            "Whoever the rule holds for carries the tag, and nobody else. Empty: set by hand, files, calls."
        ),
    )

    class Meta:
        model = Tag
        fields = ["group", "name", "slug", "description", "valid_days", "position", "rule"]
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}
        help_texts = {
            "valid_days": gettext_lazy(
                "How long a member carries it, where whoever sets it names no time. Empty: for good."
            ),
            "position": gettext_lazy("In an exclusive group of tags by rule, the first whose rule holds is carried."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        group = cleaned.get("group") or getattr(self.instance, "group", None)
        rule_json = cleaned["rule"] = cleaned.get("rule") or None
        if "rule" in self.errors or group is None:
            return cleaned
        if rule_json is not None:
            self._check_rule(rule_json, group)
            if cleaned.get("valid_days"):
                self.add_error("valid_days", _("A tag by rule is carried as long as the rule holds."))
        others = group.tags.exclude(pk=self.instance.pk)
        if group.exclusive and others.filter(rule__isnull=rule_json is not None).exists():
            self.add_error("rule", _("In an exclusive group all tags follow a rule, or none does."))
        return cleaned

    def _check_rule(self, rule_json: Any, group: TagGroup) -> None:
        try:
            rule_cycles.refuse_cycle(read_rule(rule_json), ("tag_group", group.slug))
        except RuleError as error:
            self.add_error("rule", fault_words(error))


class MemberTagForm(forms.ModelForm):
    class Meta:
        model = MemberTag
        fields = ["member", "tag", "expires_at"]

    def clean_tag(self) -> Tag:
        return by_hand(self.cleaned_data["tag"])


class BatchForm(forms.Form):
    """Whose tags, which tag, and what happens. The members are chosen in one of three ways."""

    tag = forms.ModelChoiceField(
        Tag.objects.filter(rule__isnull=True).select_related("group"),
        label=gettext_lazy("Tag"),
        widget=UnfoldAdminSelectWidget,
    )
    action = forms.ChoiceField(
        label=gettext_lazy("What happens"),
        choices=TagBatch.Action.choices,
        initial=TagBatch.Action.SET,
        widget=UnfoldAdminRadioSelectWidget,
    )
    expires_at = forms.SplitDateTimeField(
        label=gettext_lazy("Expires"), required=False, widget=UnfoldAdminSplitDateTimeWidget, validators=[check_moment]
    )
    segment = forms.ModelChoiceField(
        Segment.objects.filter(members__isnull=False),
        label=gettext_lazy("Members of a segment or package"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    uids = forms.CharField(
        label=gettext_lazy("or uids, one a line"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "class": "json-code", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file of uids"),
        required=False,
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    carriers = forms.BooleanField(
        label=gettext_lazy("or everyone who carries the tag now (to take it away)"), required=False
    )

    def __init__(self, *args: Any, selected: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.selected = selected
        if selected:
            for name in ("segment", "uids", "file", "carriers"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        ways = [
            bool(cleaned.get("segment")),
            bool(cleaned.get("uids") or cleaned.get("file")),
            bool(cleaned.get("carriers")),
        ]
        if not self.selected and sum(ways) != 1:
            raise ValidationError(_("Choose the members in one way: a segment, uids, or those who carry the tag."))
        return cleaned


def by_hand(tag: Tag) -> Tag:
    """Return the tag, or raise ValidationError for one that follows a rule."""
    try:
        tagging.refuse_ruled([tag], tagging.Setter(MemberTag.Source.HAND))
    except tagging.TagRefused as refused:
        raise ValidationError(str(refused)) from refused
    return tag
