"""What the rule editor asks the server while a rule is written: the fields there are, values, and the live count."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from unfold.admin import ModelAdmin

from operations import storable_json
from segmentation import live_panel, reference, sources
from segmentation.counting import live
from segmentation.editor_words import FAMILIES, editor_words
from segmentation.models import Segment
from segmentation.naming import load_names
from segmentation.reference import Offered
from segmentation.suggesting import suggest
from segmentation.wording import OPERATORS, WHERE

LARGEST_BODY = 256 * 1024
View = Callable[..., HttpResponse]


# Whoever may see segments, and whoever writes the rules of tags.
ASKING = ("segmentation.view_segment", "segmentation.add_tag", "segmentation.change_tag")


def _for_readers(view: View) -> View:
    """Let those ask who meet the editor."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if not any(request.user.has_perm(each) for each in ASKING):
            raise PermissionDenied
        return view(request, *args, **options)

    return asked


class AnswersTheEditor(ModelAdmin):
    """Inherit from this to give the admin of segments the addresses that `segmentation.rule_widget` names."""

    def get_urls(self) -> list[URLPattern]:
        views = {"fields": fields_view, "values": values_view, "live": live_view}
        return [
            *(
                path(f"editor/{name}/", self.admin_site.admin_view(view), name=f"segmentation_editor_{name}")
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]


@require_GET
@_for_readers
def fields_view(_request: HttpRequest) -> HttpResponse:
    """The fields that a rule may name, by family, with all words of the editor."""
    offered = reference.fields_offered(sources.catalogue(), load_names())
    families = [*FAMILIES, *sorted({field.family for field in offered} - FAMILIES.keys())]
    groups = [
        {
            "label": str(FAMILIES.get(family, family)),
            "fields": [_told(each) for each in offered if each.family == family],
        }
        for family in families
    ]
    return JsonResponse(
        {
            "groups": [group for group in groups if group["fields"]],
            "operators": {operator: str(words) for operator, words in OPERATORS.items()},
            "words": editor_words(),
        }
    )


def _told(field: Offered) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.words,
        "kind": field.kind,
        "operators": field.operators,
        "values": field.values,
        "of": field.of,
        "windowed": field.windowed,
        "where": [{"key": key, "label": str(WHERE.get(key, key)), "of": of} for key, of in field.where],
    }


@require_GET
@_for_readers
def values_view(request: HttpRequest) -> HttpResponse:
    """Some values to choose from, for `of` and the text typed so far in `q`."""
    return JsonResponse({"values": suggest(request.GET.get("of", ""), request.GET.get("q", ""))})


@require_POST
@_for_readers
def live_view(request: HttpRequest) -> HttpResponse:
    """The count of a rule that is being written, with who they are, or its faults; {"rule": …, "segment": id}."""
    if len(request.body) > LARGEST_BODY:
        return JsonResponse({"message": _("The rule is too large.")}, status=413)
    try:
        asked = storable_json.read(request.body.decode("utf-8", "replace"))
    except storable_json.NotStorable as error:
        return JsonResponse({"message": str(error)}, status=400)
    if not isinstance(asked, dict):
        return JsonResponse({"message": _("A JSON object is needed.")}, status=400)
    return JsonResponse(_answer(request, asked, now=timezone.now()))


def _answer(request: HttpRequest, asked: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    segment = _segment(asked.get("segment")) if request.user.has_perm("segmentation.view_segment") else None
    answer = live(asked.get("rule"), now=now, but=segment.slug if segment else "")
    return live_panel.shown(asked.get("rule"), answer, segment=segment, user=request.user)


def _segment(number: Any) -> Segment | None:
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return Segment.objects.select_related("members").filter(pk=number).first()
