"""The pages of the admin on which a campaign is previewed: who looks and when, up to three faces, and their pages.

A face's pages lie below an address that holds its world (`campaigns.sandbox`), in a frame. They run no scripts: what
is the house's own there would act with the operator's session.
"""

import re
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from csp.constants import NONE, SELF
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from campaigns import playing_before, sandbox, trying_out
from campaigns.audience_field import AudienceChoices, choices_of
from campaigns.models import Campaign
from campaigns.playing_before import SENT, Before
from campaigns.preview_form import MADE_UP, PreviewForm, moved_to
from campaigns.preview_reasons import reasons
from campaigns.sandbox import Busy, NoWorld, World
from campaigns.trying_out import Asked, Shown
from operations.undone import TookTooLong

NAME = "admin:campaigns_campaign_preview"
FRAME = "admin:campaigns_campaign_preview_frame"
MAY_PICK = "members.view_member"
MOST_FACES = 3
# Of a page that follows a form: what that told is told on it.
TELL = "told-before"
TOO_LONG = gettext_lazy("This took too long, and nothing of it was kept. Please try again.")
# They would not run in the frame, and browsers complain of each.
_SCRIPT = re.compile(rb"<script\b[^>]*>.*?</script>", re.DOTALL)
# What the frame of a form says besides its fields.
_OWN_FIELDS = frozenset({"csrfmiddlewaretoken"})


class CanBePreviewed(ModelAdmin):
    """Inherit from this to give the admin of campaigns the pages."""

    def get_urls(self) -> list[URLPattern]:

        return [
            path(
                "<int:campaign_id>/preview/",
                self.admin_site.admin_view(partial(preview_page, site=self.admin_site)),
                name="campaigns_campaign_preview",
            ),
            path(
                "<int:campaign_id>/preview/<str:token>/<path:shown>",
                self.admin_site.admin_view(frame_page),
                name="campaigns_campaign_preview_frame",
            ),
            *super().get_urls(),
        ]

    @action(description=gettext_lazy("Preview"), url_path="to-preview", icon="smartphone", permissions=["view"])
    def to_preview(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(NAME, object_id)


def preview_page(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Ask who looks, and when; show up to three faces beside each other, each with its reasons."""
    campaign = _campaign(request, campaign_id)
    choices = choices_of(request)
    asked = "at_0" in request.GET
    may_pick = request.user.has_perm(MAY_PICK)
    own: dict[str, Any] = {"campaign": campaign, "may_pick": may_pick, "choices": choices}
    form = PreviewForm(request.GET if asked else None, initial=_initial(campaign), **own)
    worlds = _worlds(request, campaign)
    if asked and form.is_valid():
        worlds = _with(worlds, form.world(), another="another" in request.GET)
        query = urlencode({"world": [world.token() for world in worlds]}, doseq=True)
        return redirect(f"{reverse(NAME, args=[campaign.pk])}?{query}")
    context = {
        "title": _("Preview “%(campaign)s”") % {"campaign": campaign},
        "campaign": campaign,
        "opts": Campaign._meta,
        "form": form,
        "media": form.media,
        "ticks": [form[name] for name in ("done", "tags", "segments")],
        "tokens": [world.token() for world in worlds],
        "room": 0 < len(worlds) < MOST_FACES,
        "faces": [_face(request, campaign, worlds, place, choices) for place in range(len(worlds))],
    }
    response = TemplateResponse(request, "admin/campaigns/preview.html", site.each_context(request) | context)
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]
    return response


def frame_page(request: HttpRequest, campaign_id: int, token: str, shown: str) -> HttpResponse:
    """A page of the participants as it would be: a GET shows it, a POST answers its form and takes that back."""
    campaign = _campaign(request, campaign_id)
    tell = shown.startswith(f"{TELL}/")
    address = f"/{shown.removeprefix(f'{TELL}/')}"
    if request.META["QUERY_STRING"]:
        address += f"?{request.META['QUERY_STRING']}"
    if trying_out.is_public(address):
        return redirect(address)
    try:
        world = _read(request, token, campaign)
        if request.method == "POST":
            return _sent(request, world, address)
        answer = trying_out.page(world, _asked(request, world), address, tell=tell)
        return _led(world, answer, tell=False) if answer.to else _framed(request, world, answer)
    except TookTooLong:
        return _nothing(str(TOO_LONG), HTTPStatus.SERVICE_UNAVAILABLE)
    except Busy as busy:
        return _nothing(str(busy), HTTPStatus.SERVICE_UNAVAILABLE, again=True)
    except NoWorld as none:
        return _nothing(str(none))


def _sent(request: HttpRequest, world: World, address: str) -> HttpResponse:
    """What a form brings is done in the preview from now on; what it is refused with is shown."""
    if request.FILES:
        raise NoWorld(_("Pictures are not taken in a preview."))
    fields = {name: values for name, values in request.POST.lists() if name not in _OWN_FIELDS}
    sent = Before(SENT, address, fields={name: [str(each) for each in values] for name, values in fields.items()})
    after = world.after(sent)
    answer = trying_out.page(world, _asked(request, world), address, sent=sent)
    return _led(after, answer, tell=True) if answer.to else _framed(request, world, answer)


def _led(world: World, answer: Shown, *, tell: bool) -> HttpResponse:
    to = answer.to.removeprefix("/")
    return _allowed(HttpResponse(status=303, headers={"Location": _prefix(world) + (f"{TELL}/{to}" if tell else to)}))


def _framed(request: HttpRequest, world: World, answer: Shown) -> HttpResponse:
    body = _SCRIPT.sub(b"", answer.body)
    if answer.content_type.startswith("text/html"):
        banner = render_to_string(
            "admin/campaigns/preview_banner.html",
            {"world": world, "reasons_url": _url(world.campaign_id, [world])},
            request,
        )
        head, found, rest = body.partition(b"<body")
        tag, end, inside = rest.partition(b">")
        body = head + found + tag + end + banner.encode() + inside if found else banner.encode() + body
    return _allowed(HttpResponse(body, status=answer.status, content_type=answer.content_type))


def _nothing(text: str, status: int = HTTPStatus.OK, *, again: bool = False) -> HttpResponse:
    response = HttpResponse(render_to_string("admin/campaigns/preview_nothing.html", {"text": text}), status=status)
    if again:
        response["Refresh"] = "2"
    return _allowed(response)


def _allowed(response: HttpResponse) -> HttpResponse:
    """Let the admin's own pages frame the answer, and no script run in it."""
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "no-store"
    response._csp_replace = {"frame-ancestors": [SELF], "script-src": [NONE]}  # type: ignore[attr-defined]
    return response


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    return get_object_or_404(Campaign, pk=campaign_id)


def _read(request: HttpRequest, token: str, campaign: Campaign) -> World:
    """The world of an address, for this operator and this campaign. Raises NoWorld and PermissionDenied."""
    world = sandbox.read(token)
    if world.campaign_id != campaign.pk:
        raise Http404
    if world.member_id is not None and not request.user.has_perm(MAY_PICK):
        raise PermissionDenied
    return world


def _worlds(request: HttpRequest, campaign: Campaign) -> list[World]:
    worlds = []
    for token in request.GET.getlist("world")[:MOST_FACES]:
        try:
            worlds.append(_read(request, token, campaign))
        except NoWorld:
            continue
    return worlds


def _with(worlds: list[World], new: World, *, another: bool) -> list[World]:
    return [*(moved_to(world, new) for world in worlds[: MOST_FACES - 1]), new] if another else [new]


def _initial(campaign: Campaign) -> dict[str, Any]:
    now = timezone.now()
    inside = campaign.opens_at <= now < campaign.closes_at
    return {
        "who": MADE_UP,
        "at": now if inside else campaign.opens_at,
        "score": 0,
        "version": "published" if campaign.current_id else "draft",
    }


def _asked(request: HttpRequest, world: World) -> Asked:
    return Asked(request, _prefix(world))


def _prefix(world: World) -> str:
    return reverse(FRAME, args=[world.campaign_id, world.token(), "x"]).removesuffix("x")


def _url(campaign_id: int, worlds: list[World]) -> str:
    query = urlencode({"world": [world.token() for world in worlds]}, doseq=True)
    return f"{reverse(NAME, args=[campaign_id])}?{query}"


def _face(
    request: HttpRequest, campaign: Campaign, worlds: list[World], place: int, choices: AudienceChoices
) -> dict[str, Any]:
    """What the template needs of one face; where it cannot be shown, why."""
    world = worlds[place]
    others = [each for number, each in enumerate(worlds) if number != place]
    shown: dict[str, Any] = {
        "world": world,
        "frame": f"{_prefix(world)}h5/c/{campaign.slug}/",
        "without": _url(campaign.pk, others),
        "afresh": _url(campaign.pk, [replace(each, before=()) if each is world else each for each in worlds]),
        "profile": _profile(world, choices) if world.profile else None,
    }
    try:
        face = trying_out.face(world, _asked(request, world))
    except TookTooLong:
        return shown | {"fault": str(TOO_LONG)}
    except NoWorld as none:
        return shown | {"fault": str(none)}
    not_played = {id(each.before): each.reason for each in face.not_played}
    return shown | {
        "member": face.member if world.profile is None else None,
        "level": face.member.level or "",
        "groups": reasons(face),
        "before": [
            (playing_before.words(each, face.definition), not_played.get(id(each), "")) for each in world.before
        ],
        "subject": face.explanation.subject,
    }


def _profile(world: World, choices: AudienceChoices) -> list[str]:
    """Who is made up beside their level, in words; none for a real member."""
    if world.profile is None:
        return []
    names = {part: dict(getattr(choices, part)) for part in ("tags", "segments")}
    told: list[str] = []
    told += [str(names["tags"].get(key, key)) for key in world.profile.tags]
    told += [str(names["segments"].get(key, key)) for key in world.profile.segments]
    if world.profile.score:
        told.append(_("score %(score)d") % {"score": world.profile.score})
    return told
