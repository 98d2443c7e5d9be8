"""Pages of an RFM model in the admin: the whole result, and the members of a cell or a class."""

import json
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from members.models import Member
from operations.sentences import labelled
from segmentation import rfm_cells, rfm_facts, rfm_result, rfm_scale, rfm_words, world
from segmentation.columns import LARGEST_ID
from segmentation.models import RfmModel, RfmVersion
from segmentation.rfm_cells import Cell
from segmentation.wording import RFM_CLASS_NAMES

PAGE = 50
TO_SEE = "segmentation.view_rfmmodel"
TO_SEE_MEMBERS = "members.view_member"
TO_ADD = "segmentation.add_segment"


class ShowsResults(ModelAdmin):
    """Inherit from this to give the admin of RFM models the pages."""

    def get_urls(self) -> list[URLPattern]:
        pages = [("result", self.result_page), ("members", self.members_page)]
        own = [
            path(f"<int:model_id>/{name}/", self.admin_site.admin_view(view), name=f"segmentation_rfmmodel_{name}")
            for name, view in pages
        ]
        return [*own, *super().get_urls()]

    def result_page(self, request: HttpRequest, model_id: int) -> HttpResponse:
        """Show every cell, the scale in words, the spread of values and the moves between classes."""
        model, version = _computed(request, model_id, TO_SEE)
        title = _("Result of %(model)s") % {"model": model}
        return self._shown(request, "rfm_result", model, {"title": title} | rfm_result.whole(version))

    def members_page(self, request: HttpRequest, model_id: int) -> HttpResponse:
        """List the members of one cell or class, as they were scored, with what they have ordered by now."""
        model, version = _computed(request, model_id, TO_SEE, TO_SEE_MEMBERS)
        cell = rfm_cells.read_cell(request.GET)
        if cell is None:
            raise Http404(_("There is no such cell."))
        members, after = cell.members(version), _read_id(request.GET.get("after", ""))
        ids, more = rfm_cells.page(members, after=after, size=PAGE)
        shown = {
            "title": _cell_words(cell),
            "ranges": _range_words(cell, version),
            "version": version,
            "size": len(members),
            "share": rfm_result.per_cent(len(members), version.size),
            "rows": _rows(version, ids),
            "next": f"?{urlencode({**cell.wanted, 'after': ids[-1]})}" if more else "",
            "first": f"?{urlencode(cell.wanted)}" if after else "",
            "new_segment": _new_segment(model, cell) if request.user.has_perm(TO_ADD) else "",
        }
        return self._shown(request, "rfm_members", model, shown)

    def _shown(self, request: HttpRequest, name: str, model: RfmModel, shown: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"model": model, "opts": self.opts} | shown
        return TemplateResponse(request, f"admin/segmentation/{name}.html", context)


def _computed(request: HttpRequest, model_id: int, *needed: str) -> tuple[RfmModel, RfmVersion]:
    if not request.user.has_perms(needed):
        raise PermissionDenied
    model = get_object_or_404(RfmModel.objects.select_related("current__model"), pk=model_id)
    if model.current is None:
        raise Http404(_("This model has not been computed yet."))
    return model, model.current


def _read_id(text: str) -> int:
    """Return the id that a page goes on from, 0 for the first page."""
    return min(int(text), LARGEST_ID - 1) if text.isascii() and text.isdecimal() else 0


def _rows(version: RfmVersion, ids: list[int]) -> list[dict[str, Any]]:
    few = world.only(ids)
    now = [rfm_facts.of_orders(rfm_facts.terms_of(version), part.orders) for part in few.parts]
    told = {
        member_id: {"recency": recency, "orders": orders, "amount": amount}
        for scored in now
        for member_id, recency, orders, amount in zip(
            scored.ids.tolist(),
            scored.facts.recency.tolist(),
            scored.facts.frequency.tolist(),
            scored.facts.monetary.tolist(),
            strict=True,
        )
    }
    members = Member.objects.filter(pk__in=few.members).annotate(level_name=F("level__name")).order_by("pk")
    return [{"member": member, **told.get(member.pk, {})} for member in members]


def _cell_words(cell: Cell) -> str:
    """Return "R 5 · F 4 · M 3", or the name of the class."""
    words = [
        str(RFM_CLASS_NAMES[value]) if column == "class" else f"{column.upper()} {value}"
        for column, value in cell.wanted.items()
    ]
    return " · ".join(words)


def _range_words(cell: Cell, version: RfmVersion) -> list[str]:
    scale = rfm_scale.from_json(version.scale)
    scores = {column: int(value) for column, value in cell.wanted.items() if column != "class"}
    return [
        rfm_words.score_words(scale, key, score)
        for key, score in scores.items()
        if score in rfm_words.scores_there_are(scale, key)
    ]


def _new_segment(model: RfmModel, cell: Cell) -> str:
    """Return the address of a new segment that says what the cell says."""
    slug = "-".join([model.slug, *(f"{key}{value}" if key != "class" else value for key, value in cell.wanted.items())])
    filled = {
        "name": labelled(model, _cell_words(cell)),
        "slug": slug.replace("_", "-")[:50],
        "rule": json.dumps(cell.rule(model)),
    }
    return f"{reverse('admin:segmentation_segment_add')}?{urlencode(filled)}"
