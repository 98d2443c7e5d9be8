"""The page that a share link opens: what a friend is asked for, and the one tap that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from campaigns import kinds, origins, pacing, playing, presenting, share_links, share_previews, sharing_config
from campaigns.completing import TaskMoved
from campaigns.dead_ends import dead_end
from campaigns.definition import Reward
from campaigns.eligibility import CampaignDecision, TaskState, decide
from campaigns.kinds.face import Turn
from campaigns.models import Enrolment
from campaigns.refusals import Because, Refusal, Refused
from campaigns.share_links import EXPIRED, LINK, UNKNOWN, Shared
from campaigns.shared_kind import Linked, SharedKind, shown_name
from campaigns.subjects import load_subject
from campaigns.theming import colour_key
from campaigns.turns import turn_at
from campaigns.wordings import told_to_members
from members.entering import HOW_TO_ENTER, EntryRefusal
from members.isolated import isolated
from members.models import Member
from members.once import Outcome, once
from members.participants import participant_of, refused, shop_sign_in
from members.wechat import offering
from operations import clock
from operations.sentences import listed
from rewards.published_prizes import gift_names

# The friend's own task of the same kind is worth a button only where they can do something with it.
OWN_TURN_IN = frozenset({TaskState.OPEN, TaskState.OFFERED, TaskState.CLAIMABLE, TaskState.DONE})


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that was opened, and how the sharer stands: `shown` is what the kind shows of it."""

    shared: Shared
    kind: Linked
    turn: Turn
    shown: Mapping[str, Any]

    @property
    def answers(self) -> SharedKind | None:
        """The kind, where friends answer its links."""
        return self.kind if isinstance(self.kind, SharedKind) else None

    @property
    def closed(self) -> Because | None:
        """Why nobody can answer the link now."""
        return self.answers.closed(self.turn, self.shown) if self.answers else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, token: str) -> HttpResponse:
    now = clock.now()
    try:
        shared = share_links.follow(token, now=now)
        kind = kinds.find(shared.task.kind)
        if not isinstance(kind, Linked):
            raise Refused(UNKNOWN)
    except Refused as refusal:
        return _no_link(request, token, refusal.refusal)
    member = participant_of(request)
    try:
        answer = _answer if request.method == "POST" else _show
        response = answer(request, shared, kind, member)
    except Member.DoesNotExist:
        # Erased since the participant was recognised.
        return refused(request, EntryRefusal.NOT_ENTERED)
    origins.keep_device(request, response)
    return response


def _no_link(request: HttpRequest, token: str, why: Refusal | Because) -> HttpResponse:
    """Whoever is signed in goes on to the campaign, where the link was genuine once."""
    status = why.status if isinstance(why, Because) else 404
    ended = share_links.campaign_of_expired(token) if why == EXPIRED and participant_of(request) else None
    frame = {"slug": ended.slug, "definition": ended, "theme": colour_key(ended.colour)} if ended else {}
    title = _("This link has expired") if why == EXPIRED else _("This link cannot be opened")
    return dead_end(request, title=title, text=told_to_members(why), icon="link", status=status, context=frame)


def _answer(request: HttpRequest, shared: Shared, kind: Linked, member: Member | None) -> HttpResponse:
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    slug, key, now = shared.definition.slug, shared.task.key, clock.now()
    if not isinstance(kind, SharedKind):
        return redirect("h5-campaign", slug)
    origin = pacing.counted(member.pk, slug, origins.origin_of(request, now=now), now=now)
    here = reverse("h5-share", args=[shared.token])

    def perform() -> Outcome:
        moved = playing.submit(member, slug, key, {LINK: shared.token}, now=now, origin=origin)
        return Outcome(here, ((messages.SUCCESS, _told(kind, shared, moved)),))

    try:
        return once(request, member, perform)
    except Refused as refusal:
        messages.info(request, told_to_members(refusal.refusal))
        return redirect(here)


def _told(kind: SharedKind, shared: Shared, moved: TaskMoved) -> str:
    said = str(kind.told(shared.task.config, moved.result) or "")
    chips = presenting.chips(moved.reward, _gifts(moved.reward)) if moved.reward else ()
    if not chips:
        return said
    return said + _(" You received %s.") % listed(isolated(chip.text) for chip in chips)


def _show(request: HttpRequest, shared: Shared, kind: Linked, member: Member | None) -> HttpResponse:
    now = clock.now()
    definition, task = shared.definition, shared.task
    turn = _turn_of_sharer(shared, now)
    reward = sharing_config.reward_in(task.config, kind.FRIEND_REWARD) if kind.FRIEND_REWARD else None
    chips = presenting.chips(reward, _gifts(reward)) if reward else ()
    name, shown = shown_name(shared.sharer.name), kind.landing(task.config, turn)
    context: dict[str, Any] = {
        "definition": definition,
        "theme": colour_key(definition.colour),
        "task": task,
        "fragment": f"h5/shared/{task.kind}.html",
        "asks": share_previews.asks(kind, name),
        "initial": name[:1] if name.endswith("*") else "",
        "about": kind.about(task),
        "terms": kind.friend_terms(task.config),
        "button": kind.BUTTON,
        "chips": chips,
        "now": now,
        "until": shared.expires_at,
        "request_key": uuid4(),
        "preview": share_previews.preview(request, shared, kind, name, [chip.text for chip in chips]),
        **shown,
        **_of_visitor(request, Opened(shared, kind, turn, shown), member),
    }
    return render(request, "h5/share.html", context)


def _of_visitor(request: HttpRequest, opened: Opened, member: Member | None) -> Mapping[str, Any]:
    """Who looks: nobody known yet, the sharer, or a friend."""
    if member is None:
        ways = {"sign_in": shop_sign_in(request.path), "wechat": offering.sign_in_path(request, request.path)}
        closed = told_to_members(opened.closed) if opened.closed else ""
        return {"visitor": "unknown", "closed": closed, "how_to_enter": HOW_TO_ENTER} | ways
    frame = {"slug": opened.shared.definition.slug, "here": "share"}
    if member.pk == opened.shared.sharer.pk:
        return {"visitor": "sharer"} | frame
    decision = decide(opened.shared.definition, load_subject(member, opened.shared.definition, now=opened.turn.now))
    if opened.answers and opened.answers.answered(opened.turn, member.pk):
        own_turn = _own_turn(opened.answers, opened.shared, decision)
        return {"visitor": "answered", "thanks": opened.answers.THANKS} | own_turn | frame
    if decision.refusal:
        return {"visitor": "refused", "refusal": told_to_members(decision.refusal)}
    if opened.answers is None:
        return {"visitor": "guest"} | frame
    return _of_friend(opened.answers, opened, member, decision)


def _of_friend(kind: SharedKind, opened: Opened, member: Member, decision: CampaignDecision) -> Mapping[str, Any]:
    definition, task = opened.shared.definition, opened.shared.task
    if why := opened.closed or kind.closed_to(task, definition, member):
        frame = {"slug": definition.slug, "here": "share"}
        return {"visitor": "late", "refusal": told_to_members(why)} | _own_turn(kind, opened.shared, decision) | frame
    # Without a way past the button: whoever enters the campaign by another way cannot be invited any more.
    return {"visitor": "friend"}


def _own_turn(kind: SharedKind, shared: Shared, decision: CampaignDecision) -> dict[str, Any]:
    own = decision.task(shared.task.key)
    return {"own_turn": kind.OWN_TURN} if own and own.state in OWN_TURN_IN else {}


def _turn_of_sharer(shared: Shared, now: datetime) -> Turn:
    """To be shown: without the lock that a move takes."""
    subject = load_subject(shared.sharer, shared.definition, now=now)
    enrolment = Enrolment.objects.get(pk=shared.enrolment_id)
    return turn_at(shared.definition, shared.task, subject, enrolment=enrolment, now=now)


def _gifts(reward: Reward | None) -> dict[str, str]:
    return gift_names({reward.gift}) if reward and reward.gift else {}


urlpatterns = [path("s/<str:token>/", share, name="h5-share")]
