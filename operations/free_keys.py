"""Keys that are still free, where one has to be given: a name in Chinese makes none by itself."""

from collections.abc import Collection, Iterable
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

# A number behind it still fits into a key.
LONGEST_STEM = 40


def free(stem: str, taken: Collection[str]) -> str:
    """Return `stem`, or the first of stem-2, stem-3 and so on that is not taken."""
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


class MakesItsKey:
    """A model's form, of something new: its key may be left empty, and is then made.

    A mixin, whose `super()` is the form: the types cannot know it. Forms have a metaclass of their own, not that of
    abstract classes. `rows`: the formset that the form is one of, whose other keys are taken too.
    """

    KEY = "key"
    rows: Any = None

    def stem(self, cleaned: dict[str, Any]) -> str:
        """What the key is made of."""
        raise NotImplementedError

    def taken(self) -> Iterable[str]:
        """The keys that something has already."""
        raise NotImplementedError

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        form: Any = self
        if form.instance.pk is None and self.KEY in form.fields:
            field = form.fields[self.KEY]
            field.required = False
            field.help_text = format_lazy("{} {}", field.help_text, _("Left empty, one is made."))

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] = super().clean() or {}  # type: ignore[misc]  # the form's
        if cleaned.get(self.KEY) == "" and (stem := self.stem(cleaned)):
            cleaned[self.KEY] = free(stem[:LONGEST_STEM], {*self.taken(), *self._beside()})
        return cleaned

    def _beside(self) -> list[str]:
        """The keys of the other rows, typed or made a moment ago."""
        others = [form for form in (self.rows.forms if self.rows is not None else ()) if form is not self]
        made = (getattr(form, "cleaned_data", {}).get(self.KEY) or form[self.KEY].value() for form in others)
        return [str(key) for key in made if key]


class RowsMakeKeys:
    """A formset whose forms make their keys."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # the formset's
        form.rows = self
        return form
