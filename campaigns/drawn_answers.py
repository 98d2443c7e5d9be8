"""What the script of a stage is told of a draw: the result to show, and what comes after it."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode

from campaigns.draw_page import draw_page, next_chance
from campaigns.entering import scope_of
from campaigns.refusals import Refusal
from campaigns.visiting import Visit
from campaigns.wordings import wording
from rewards.draw_results import draw_result
from rewards.drawing import Drawn


def answer_to_stage(request: HttpRequest, visit: Visit, given: Drawn) -> dict[str, Any]:
    """Return the prize to stop at, and the parts of the page that are new, as HTML.

    `face_html` is the prize as the stage shows it, `html` the dialog, `next_html` what to do once no chance is left.
    `stale`: the page shows a pool, a price or a balance that may be another now; the next draw is at `onward`.
    """
    before = draw_page(visit, request.POST.get("pool"))
    result = draw_result(visit.member.pk, scope_of(visit.definition), given.draw_id, now=visit.now)
    context: dict[str, Any] = visit.context("draw") | {"result": result, "chances": given.chances_left}

    def part(name: str) -> str:
        return render_to_string(f"h5/{name}.html", context, request)

    here = reverse("h5-draw", args=[visit.slug])
    answer = {
        "onward": f"{here}?{urlencode({'pool': before.pool.slug})}" if before.pool and before.chances > 1 else here,
        "prize": given.prize,
        "kind": given.kind,
        "chances": given.chances_left,
        "stale": before.choosable or (before.sells and not given.chances_left),
        "face_html": part("stages/face"),
        "html": part("parts/result"),
        "left_html": part("parts/chances_left"),
        "next_request_key": str(uuid4()),
    }
    if not given.chances_left and not answer["stale"]:
        context |= {"words": wording(Refusal.NO_CHANCE), "next_card": next_chance(visit, before.pool)}
        answer["next_html"] = part("parts/draw_next")
    return answer
