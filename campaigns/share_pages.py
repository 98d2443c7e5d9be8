"""The page that a share link opens: what a friend is asked for, and the one tap that answers."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from campaigns import kinds, origins, pacing, playing, presenting, share_links, sharing_config
from campaigns.completing import TaskMoved
from campaigns.dead_ends import dead_end
from campaigns.definition import Reward
from campaigns.eligibility import decide
from campaigns.kinds.face import Turn
from campaigns.models import Enrolment
from campaigns.refusals import Because, Refusal, Refused
from campaigns.share_links import LINK, UNKNOWN, Shared
from campaigns.shared_kind import SharedKind, shown_name
from campaigns.subjects import load_subject
from campaigns.theming import colour_key
from campaigns.turns import turn_at
from campaigns.wordings import wording
from members.entering import HOW_TO_ENTER, EntryRefusal
from members.isolated import isolated
from members.models import Member
from members.once import Outcome, once
from members.participants import participant_of, refused, shop_sign_in
from members.wechat import offering
from rewards.published_prizes import gift_names


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        shared = share_links.follow(token, now=now)
        kind = kinds.find(shared.task.kind)
        if not isinstance(kind, SharedKind):
            raise Refused(UNKNOWN)
    except Refused as refusal:
        return _no_link(request, refusal.refusal)
    member = participant_of(request)
    try:
        answer = _answer if request.method == "POST" else _show
        response = answer(request, shared, kind, member)
    except Member.DoesNotExist:
        # Erased since the participant was recognised.
        return refused(request, EntryRefusal.NOT_ENTERED)
    origins.keep_device(request, response)
    return response


def _no_link(request: HttpRequest, why: Refusal | Because) -> HttpResponse:
    status = why.status if isinstance(why, Because) else 404
    return dead_end(request, title=_("This link cannot be opened"), text=wording(why), icon="link", status=status)


def _answer(request: HttpRequest, shared: Shared, kind: SharedKind, member: Member | None) -> HttpResponse:
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    slug, key, now = shared.definition.slug, shared.task.key, timezone.now()
    origin = pacing.counted(member.pk, slug, origins.origin_of(request, now=now), now=now)
    here = reverse("h5-share", args=[shared.token])

    def perform() -> Outcome:
        moved = playing.submit(member, slug, key, {LINK: shared.token}, now=now, origin=origin)
        return Outcome(here, ((messages.SUCCESS, _told(kind, shared, moved)),))

    try:
        return once(request, member, perform)
    except Refused as refusal:
        messages.info(request, wording(refusal.refusal))
        return redirect(here)


def _told(kind: SharedKind, shared: Shared, moved: TaskMoved) -> str:
    said = str(kind.told(shared.task.config, moved.result) or "")
    chips = presenting.chips(moved.reward, _gifts(moved.reward)) if moved.reward else ()
    if not chips:
        return said
    return said + _(" You received %s.") % _(", ").join(isolated(chip.text) for chip in chips)


def _show(request: HttpRequest, shared: Shared, kind: SharedKind, member: Member | None) -> HttpResponse:
    now = timezone.now()
    definition, task = shared.definition, shared.task
    turn = _turn_of_sharer(shared, now)
    reward = sharing_config.reward_in(task.config, kind.FRIEND_REWARD) if kind.FRIEND_REWARD else None
    context: dict[str, Any] = {
        "definition": definition,
        "theme": colour_key(definition.colour),
        "task": task,
        "icon": f"h5/icons/{task.kind}.svg",
        "fragment": f"h5/shared/{task.kind}.html",
        "asks": kind.ASKS % {"name": isolated(shown_name(shared.sharer.name))},
        "button": kind.BUTTON,
        "chips": presenting.chips(reward, _gifts(reward)) if reward else (),
        "request_key": uuid4(),
        **kind.landing(task.config, turn),
        **_of_visitor(request, shared, kind, member, turn),
    }
    return render(request, "h5/share.html", context)


def _of_visitor(
    request: HttpRequest, shared: Shared, kind: SharedKind, member: Member | None, turn: Turn
) -> Mapping[str, Any]:
    """Who looks: nobody known yet, the sharer, a friend who has answered, who may not, or who may."""
    if member is None:
        ways = {"sign_in": shop_sign_in(request.path), "wechat": offering.sign_in_path(request, request.path)}
        return {"visitor": "unknown", "how_to_enter": HOW_TO_ENTER} | ways
    frame = {"slug": shared.definition.slug, "here": "share"}
    if member.pk == shared.sharer.pk:
        return {"visitor": "sharer"} | frame
    if kind.answered(turn, member.pk):
        return {"visitor": "answered", "thanks": kind.THANKS} | frame
    decision = decide(shared.definition, load_subject(member, shared.definition, now=turn.now))
    if decision.refusal:
        return {"visitor": "refused", "refusal": wording(decision.refusal)}
    # Without a way past the button: whoever enters the campaign by another way cannot be invited any more.
    return {"visitor": "friend"}


def _turn_of_sharer(shared: Shared, now: Any) -> Turn:
    """To be shown: without the lock that a move takes."""
    subject = load_subject(shared.sharer, shared.definition, now=now)
    enrolment = Enrolment.objects.get(pk=shared.enrolment_id)
    return turn_at(shared.definition, shared.task, subject, enrolment=enrolment, now=now)


def _gifts(reward: Reward | None) -> dict[str, str]:
    return gift_names({reward.gift}) if reward and reward.gift else {}


urlpatterns = [path("s/<str:token>/", share, name="h5-share")]
