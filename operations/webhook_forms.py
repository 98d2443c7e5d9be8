"""The forms of webhooks in the admin: events in words with the data they carry, segments to choose, when to begin."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextInputWidget,
)

from operations import webhook_addresses, webhook_endpoints, webhook_kinds, webhook_lookups, webhook_rights
from operations.date_bounds import check_moment
from operations.models import WebhookEndpoint
from operations.webhook_kinds import Kind
from operations.webhook_refusals import WebhookRefused

# Kinds are grouped by what they are about, the word before the dot, in the order of a member's way.
GROUPS: dict[str, str | Promise] = {
    "member": gettext_lazy("Members"),
    "segment": gettext_lazy("Segments"),
    "campaign": gettext_lazy("Campaigns"),
    "task": gettext_lazy("Tasks"),
    "draw": pgettext_lazy("events", "Draws"),
    "award": gettext_lazy("Awards"),
    "points": gettext_lazy("Points"),
}


class KindsInput(forms.CheckboxSelectMultiple):
    """Checkboxes by group: what happened in words, its name, and an example of what is sent."""

    template_name = "operations/widgets/webhook_kinds.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        chosen = set(value or ())
        groups = [
            (GROUPS.get(about, about), [_kind_shown(kind, kind.name in chosen) for kind in kinds])
            for about, kinds in by_group(webhook_kinds.all_kinds())
        ]
        return super().get_context(name, value, attrs) | {"groups": groups}


class SegmentsInput(forms.CheckboxSelectMultiple):
    """Checkboxes in a box that scrolls: a shop has many segments."""

    template_name = "operations/widgets/webhook_segments.html"


class EndpointForm(forms.ModelForm):
    # Not the model's own field: `webhook_endpoints` knows what an address is, and a host of one word is one.
    url = forms.CharField(
        label=pgettext_lazy("webhook", "Address"),
        max_length=webhook_addresses.LONGEST,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "https://crm.example/hooks", "inputmode": "url"}),
        help_text=gettext_lazy("A public address that begins with https://."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        widget=KindsInput,
        help_text=gettext_lazy(
            "What this address is told of. Events carry the member's uid and never any contact data."
        ),
    )
    segments = forms.MultipleChoiceField(
        label=gettext_lazy("Segments"),
        required=False,
        widget=SegmentsInput,
        help_text=gettext_lazy("Of the events of segments, only those of the segments chosen. None chosen: of all."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["name", "url", "events", "segments"]
        widgets = {"name": UnfoldAdminTextInputWidget(attrs={"placeholder": "CRM"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names, kept = webhook_lookups.segments(), self.instance.segments or []
        known = [(key, f"{name} ({key})") for key, name in names.items()]
        gone = [(key, _("%(key)s (deleted)") % {"key": key}) for key in kept if key not in names]
        self.fields["segments"].choices = known + gone  # type: ignore[attr-defined]
        kinds = [kind.name for kind in webhook_kinds.all_kinds()]
        self.fields["events"].choices = [(name, name) for name in kinds]  # type: ignore[attr-defined]

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "url"}  # type: ignore[misc]

    def clean_url(self) -> str:
        url = self.cleaned_data["url"].strip()
        try:
            webhook_endpoints.check_url(url)
        except WebhookRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return url

    def clean_events(self) -> list[str]:
        """An endpoint that a client made is told of no more than the client's keys may read."""
        kinds, client = self.cleaned_data["events"], self.instance.client
        if client and (refused := webhook_rights.lacking(kinds, webhook_rights.scopes_of(client))):
            words = _("The API client that made it may not be told of: %(kinds)s.")
            raise forms.ValidationError(words % {"kinds": ", ".join(refused)})
        return kinds


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%dT%H:%M")


class ReplayForm(forms.Form):
    """What is to be sent again."""

    since = forms.DateTimeField(label=gettext_lazy("What happened from"), widget=MomentInput, validators=[check_moment])
    until = forms.DateTimeField(
        label=gettext_lazy("to (empty: until now)"), required=False, widget=MomentInput, validators=[check_moment]
    )
    what = forms.ChoiceField(
        label=gettext_lazy("Send again"),
        choices=[
            ("given_up", gettext_lazy("what was given up")),
            ("all", gettext_lazy("everything, what was delivered too")),
        ],
        initial="given_up",
        widget=UnfoldAdminRadioSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", _("The end must come after the beginning."))
        return cleaned


def began_failing(endpoint: WebhookEndpoint) -> Any:
    """Return the time from which a replay is most often wanted: since it fails, or the last three days."""
    since = endpoint.failing_since or timezone.now() - timedelta(days=3)
    return timezone.localtime(since).replace(second=0, microsecond=0)


def by_group(kinds: Iterable[Kind]) -> Sequence[tuple[str, list[Kind]]]:
    """Return the kinds by the word before their dot."""
    found: dict[str, list[Kind]] = {about: [] for about in GROUPS}
    for kind in kinds:
        found.setdefault(kind.name.partition(".")[0], []).append(kind)
    return [(about, of_it) for about, of_it in found.items() if of_it]


def _kind_shown(kind: Kind, chosen: bool) -> dict[str, Any]:
    return {
        "name": kind.name,
        "words": kind.words,
        "chosen": chosen,
        "example": json.dumps(kind.example, ensure_ascii=False, indent=2),
    }
