"""Tasks and chains of a draft that a rule names, and that were never published: they keep their keys."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.utils.translation import gettext as _

from campaigns.models import Campaign
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
        # A row of which the key is only shown has no initial value of it.
        key = form.initial.get("key") or form.instance.key
        return refuse_new_key(cast(Any, self.instance), str(form.instance._meta.model_name), key)


def refuse_new_key(campaign: Campaign, kind: str, key: str) -> list[ValidationError]:
    """Why a task or a chain ("task", "chain") must keep its key and stay; nothing if it may go."""
    if any(row["key"] == key for each in campaign.revisions.all() for row in each.definition[f"{kind}s"]):
        return []
    words = _("“%(key)s” keeps its key and stays: it is named in %(use)s.")
    uses = uses_of((kind, f"{campaign.slug}.{key}"))
    return [ValidationError(words, params={"key": key, "use": use}) for use in uses]
