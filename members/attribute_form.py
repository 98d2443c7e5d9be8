"""How an operator declares an attribute: its labels, its type and, for a choice, what can be chosen."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from members.models import Attribute, AttributeValue
from members.uses import uses_of

LONGEST_CHOICE = 100
PARTS_OF_A_LINE = 3
SEPARATOR = "|"


class AttributeForm(forms.ModelForm):
    """`choices` are lines of “key | label | English label”, of which the key alone is needed and is what is stored."""

    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_(
            "For an attribute of the type “choice” only. One a line: what is stored, then, where they differ, its "
            "label and its English label, as in “M | 中号 | Medium”."
        ),
    )

    class Meta:
        model = Attribute
        fields = ["slug", "label", "label_en", "kind", "choices"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(lines_of(self.instance))

    def clean_choices(self) -> list[str]:
        """Return the choices in their order, each once. Their labels go with the instance."""
        labels: dict[str, list[str]] = {}
        for line in self.cleaned_data["choices"].splitlines():
            if line.strip():
                choice, *names = _parts_of(line)
                labels.setdefault(choice, names)
        if self.instance.pk:
            self._refuse_to_take_away(labels)
        self.instance.choice_labels = {choice: names for choice, names in labels.items() if names}
        return list(labels)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # The type of a stored attribute is read-only, so it is not in the form.
        is_choice = cleaned.get("kind", self.instance.kind) == Attribute.Kind.CHOICE
        if "choices" in cleaned and is_choice != bool(cleaned["choices"]):
            raise ValidationError({"choices": _("An attribute of the type “choice” needs choices, others have none.")})
        return cleaned

    def _refuse_to_take_away(self, kept: dict[str, list[str]]) -> None:
        """Raise ValidationError for a choice that members have or a rule reads.

        The row is locked first, and the admin saves in the same transaction: whoever writes values holds the row
        (`attribute_values.hold`), so none can slip in between.
        """
        stored = Attribute.objects.select_for_update(no_key=True).get(pk=self.instance.pk)
        faults = [fault for choice in stored.choices if choice not in kept for fault in _uses_of(stored, choice)]
        if faults:
            raise ValidationError(faults)


def lines_of(attribute: Attribute) -> list[str]:
    """Return the choices of an attribute as its form writes them."""
    labels = attribute.choice_labels
    return [f" {SEPARATOR} ".join([choice, *filter(None, labels.get(choice, ()))]) for choice in attribute.choices]


def _parts_of(line: str) -> list[str]:
    """Return [choice] or [choice, label, English label]."""
    parts = [part.strip() for part in line.split(SEPARATOR)]
    if len(parts) > PARTS_OF_A_LINE or not parts[0] or any(len(part) > LONGEST_CHOICE for part in parts):
        raise ValidationError(
            _("“%(line)s”: at most three parts of at most %(limit)s characters, and the first must not be empty."),
            params={"line": line[:LONGEST_CHOICE], "limit": LONGEST_CHOICE},
        )
    choice, label, english = [*parts, "", ""][:PARTS_OF_A_LINE]
    return [choice, label or choice, english] if label or english else [choice]


def _uses_of(attribute: Attribute, choice: str) -> list[ValidationError]:
    """Say what keeps a choice from being taken away."""
    told = []
    having = AttributeValue.objects.filter(Q(attribute=attribute, text=choice)).count()
    if having:
        words = ngettext(
            "“%(choice)s” cannot be taken away: %(count)s member has it.",
            "“%(choice)s” cannot be taken away: %(count)s members have it.",
            having,
        )
        told.append(ValidationError(words, params={"choice": choice, "count": having}))
    for use in uses_of(("attribute", f"{attribute.slug}.{choice}")):
        named = _("“%(choice)s” cannot be taken away: it is named in %(use)s.")
        told.append(ValidationError(named, params={"choice": choice, "use": use}))
    return told
