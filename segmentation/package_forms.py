"""Forms that make packages of members."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from segmentation import splitting
from segmentation.forms import TAKEN_SLUGS, KeyedForm
from segmentation.models import Package, Segment
from segmentation.packages import LETTERS, Operation, Step

JOINS = [
    (Operation.AND.value, gettext_lazy("and also in")),
    (Operation.OR.value, gettext_lazy("or in")),
    (Operation.MINUS.value, gettext_lazy("but not in")),
]
MOST_SETS = 6


def computed() -> Any:
    return Segment.objects.filter(members__isnull=False).order_by("slug")


def free_slug(slug: str) -> str:
    """Return the key, or raise ValidationError if it is taken."""
    if slug in TAKEN_SLUGS or Segment.objects.filter(slug=slug).exists():
        raise ValidationError(_("This key is taken."))
    return slug


class PackageForm(KeyedForm):
    class Meta:
        model = Package
        fields = ["name", "slug", "description"]
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}


class NamedForm(forms.Form):
    """What a new package is called."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=100, widget=UnfoldAdminTextInputWidget)
    slug = forms.CharField(
        label=gettext_lazy("Key"), max_length=50, validators=[validate_slug], widget=UnfoldAdminTextInputWidget
    )

    def clean_slug(self) -> str:
        return free_slug(self.cleaned_data["slug"])


class UploadForm(forms.Form):
    uids = forms.CharField(
        label=gettext_lazy("Uids, one a line"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "class": "json-code", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file"),
        required=False,
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )


class FreezeForm(NamedForm):
    segment = forms.ModelChoiceField(
        Segment.objects.order_by("slug"), label=gettext_lazy("Segment"), widget=UnfoldAdminSelectWidget
    )
    field_order = ["segment", "name", "slug"]


class CombineForm(NamedForm):
    """The sets in order: `set_0`, and up to five that are joined to it by `join_N`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(MOST_SETS):
            if number:
                joins = forms.ChoiceField(choices=JOINS, required=False, widget=UnfoldAdminSelectWidget)
                joins.widget.attrs["aria-label"] = _("How set %(number)s is joined") % {"number": number + 1}
                self.fields[f"join_{number}"] = joins
            chosen = forms.ModelChoiceField(computed(), required=number == 0, widget=UnfoldAdminSelectWidget)
            chosen.label = _("Set %(number)s") % {"number": number + 1}
            chosen.widget.attrs["aria-label"] = chosen.label
            self.fields[f"set_{number}"] = chosen

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        return [(self[f"join_{n}"] if n else None, self[f"set_{n}"]) for n in range(MOST_SETS)]

    def steps(self) -> list[Step]:
        """The sets chosen, also of a form that has no name yet."""
        given = self.cleaned_data
        return [
            Step(Operation(given.get(f"join_{n}") or Operation.AND), given[f"set_{n}"])
            for n in range(MOST_SETS)
            if given.get(f"set_{n}")
        ]


class SplitForm(NamedForm):
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=gettext_lazy("Segment or package"), widget=UnfoldAdminSelectWidget
    )
    shares = forms.CharField(
        label=gettext_lazy("Shares in per cent"),
        initial="50, 50",
        help_text=gettext_lazy("2 to 10 groups, as “50, 50” or “10, 45, 45”; or a number of equal groups, as “3”."),
        widget=UnfoldAdminTextInputWidget,
    )
    salt = forms.CharField(
        label=gettext_lazy("Salt"),
        max_length=50,
        help_text=gettext_lazy("The same salt splits the same way again; another one, independently of it."),
        widget=UnfoldAdminTextInputWidget,
    )
    field_order = ["segment", "shares", "salt", "name", "slug"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = computed()  # type: ignore[attr-defined]

    def clean_shares(self) -> list[int]:
        """Return hundredths of a per cent."""
        parts = [part.strip().rstrip("%") for part in self.cleaned_data["shares"].replace("，", ",").split(",")]
        try:
            if len(parts) == 1:
                groups = int(parts[0])
                shares = splitting.even_shares(groups) if splitting.FEWEST <= groups <= splitting.MOST else []
            else:
                shares = [round(float(part) * 100) for part in parts]
            splitting.check(shares)
        except (ValueError, OverflowError):  # BadShares is one
            raise ValidationError(_("2 to 10 shares that total 100 are needed, as “10, 45, 45”.")) from None
        return shares

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("slug") and cleaned.get("shares"):
            keys = [f"{cleaned['slug']}-{letter.lower()}" for letter in LETTERS[: len(cleaned["shares"])]]
            taken = Segment.objects.filter(slug__in=keys).values_list("slug", flat=True)
            if taken or len(keys[0]) > 50:
                self.add_error("slug", _("This key is taken."))
        return cleaned
