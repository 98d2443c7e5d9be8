"""Tasks and chains of a draft that a rule names, and that were never published: they keep their keys."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext as _

from members.uses import uses_of


class NamedRows(BaseInlineFormSet):
    """Refuses to take away, or to give another key, what a rule names.

    What was published keeps its name for ever (`campaigns.rule_fields`), so it may leave the draft.
    """

    def clean(self) -> None:
        super().clean()
        faults = [fault for form in self.initial_forms if self._goes(form) for fault in self._uses(form)]
        if faults:
            raise ValidationError(faults)

    def _goes(self, form: Any) -> bool:
        return form in self.deleted_forms or "key" in form.changed_data

    def _uses(self, form: Any) -> list[ValidationError]:
        kind, key = form.instance._meta.model_name, form.initial["key"]
        campaign: Any = self.instance
        if any(row["key"] == key for each in campaign.revisions.all() for row in each.definition[f"{kind}s"]):
            return []
        words = _("“%(key)s” keeps its key and stays: it is named in %(use)s.")
        return [
            ValidationError(words, params={"key": key, "use": use}) for use in uses_of((kind, f"{campaign.slug}.{key}"))
        ]
