"""The API of the ladder as a whole: all levels, and one."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from members import api_schema, api_words
from members.level_words import benefits_of
from members.models import Level
from operations import etags
from operations.api_schema import ANY_CALL, ONE_OBJECT
from operations.filtering import Contains, Filters, filtered, order_asked, parameters_of
from operations.paging import Order, asked, page_of


class LevelFilters(Filters):
    orders = {"rank": Order(("rank",)), "-rank": Order(("rank",), descending=True)}
    kind = ChoiceFilter(choices=Level.Kind.choices, help_text=_("By growth, or bought."))
    name = Contains("name", _("A part of its name."))


class Levels(APIView):
    """`GET levels/`: the steps of the ladder and the paid levels, with what each brings, by their rank."""

    scope = "eligibility"

    @api_words.LADDER
    @extend_schema(
        operation_id="levels",
        parameters=[*parameters_of(LevelFilters), etags.HELD],
        responses={200: api_schema.LADDER, **etags.UNCHANGED, **ANY_CALL},
    )
    def get(self, request: Request) -> HttpResponse:
        page, order = asked(request), order_asked(request, LevelFilters)
        rows = filtered(request, LevelFilters, Level.objects.all())

        def render() -> dict[str, Any]:
            levels, following = page_of(rows, order, page)
            return {"levels": [level_as_json(each) for each in levels], "next": following}

        return etags.answer(request, etags.edition_of(Level), render)


class OneLevel(APIView):
    """`GET levels/{slug}/`: one level."""

    scope = "eligibility"

    @api_words.LEVEL
    @extend_schema(
        operation_id="level",
        parameters=[etags.HELD],
        responses={200: api_schema.LEVEL, **etags.UNCHANGED, **ONE_OBJECT},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        level = Level.objects.filter(slug=slug).first()
        if level is None:
            raise Http404
        return etags.answer(request, None, lambda: level_as_json(level))


def level_as_json(level: Level) -> dict[str, Any]:
    return {
        "slug": level.slug,
        "name": str(level),
        "kind": level.kind,
        "rank": level.rank,
        "growth_needed": level.growth_needed,
        "valid_months": level.valid_months,
        "downgrade": level.downgrade,
        "points_multiplier": f"{level.points_multiplier:.2f}",
        "extra_chances": level.extra_chances,
        "extra_chances_period": level.extra_chances_period,
        "benefits": benefits_of(level),
    }


urlpatterns = [
    path("levels/", Levels.as_view(), name="levels"),
    path("levels/<slug:slug>/", OneLevel.as_view(), name="level"),
]
