"""Proof (上传凭证): the member hands in a picture, a text or a link, and a reviewer approves or refuses it.

The configuration says for each of "picture", "text" and "link" whether it is "required" or "optional"; one at least is
required. With the option {"example": "…"}, what a good proof shows. Who is refused reads why and may hand in again.
A picture comes as a file from the task's page, or through the API in base64.
"""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from campaigns import proof_pictures
from campaigns.confirming import LONGEST_TEXT, Confirmed, hand_in, refuse_second, text_of, unknown_settings
from campaigns.kinds.face import ConfigFault, Group, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.models import Submission
from campaigns.proof_pictures import drawn_anew
from campaigns.refusals import BadSubmission
from members.entering import EntryRefusal
from members.participants import participant_of, refused
from operations.decoding import LARGEST_BYTES, NO_PICTURE, TOO_LARGE, NotAPicture

PARTS = ("picture", "text", "link")
NEEDS = {"required": _("needed"), "optional": _("may be added")}
LONGEST_LINK = 500
LONGEST_EXAMPLE = 300
LINK = re.compile(r"https?://[^\s<>\"']+", re.ASCII)


class ProofForm(ConfigForm):
    picture = forms.ChoiceField(label=_("picture"), required=False, choices=[("", "–"), *NEEDS.items()])
    text = forms.ChoiceField(label=_("text"), required=False, choices=[("", "–"), *NEEDS.items()])
    link = forms.ChoiceField(label=_("link"), required=False, choices=[("", "–"), *NEEDS.items()])
    example = forms.CharField(label=_("what a good proof shows"), max_length=LONGEST_EXAMPLE, required=False)


@require_safe
def picture_of_own(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """The picture that a participant handed in, for them alone."""
    member = participant_of(request)
    if member is None:
        return refused(request, EntryRefusal.NOT_ENTERED)
    mine = Submission.objects.filter(enrolment__member=member, enrolment__campaign__slug=slug).exclude(file="")
    submission = mine.filter(pk=pk).first()
    if submission is None:
        raise Http404
    try:
        return proof_pictures.answer(submission)
    except FileNotFoundError:
        raise Http404 from None


class Proof(Confirmed):
    LABEL = _("upload a proof")
    GROUP = Group.INCENTIVE
    Form = ProofForm
    urls = (path("c/<slug:slug>/proofs/<int:pk>/", picture_of_own, name="h5-proof-picture"),)

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = unknown_settings(config, {*PARTS, "example"}, _("A proof has no such setting."))
        for part in PARTS:
            if part in config and config[part] not in NEEDS:
                found.append(ConfigFault(part, _("This is required, optional, or left out.")))
        if "required" not in [config.get(part) for part in PARTS]:
            found.append(ConfigFault("", _("One of picture, text and link is required.")))
        example = config.get("example", "")
        if not isinstance(example, str) or len(example) > LONGEST_EXAMPLE:
            found.append(ConfigFault("example", _("This must be a text of at most 300 characters.")))
        return found

    def takes(self, config: Mapping[str, Any]) -> Collection[str]:
        return {part for part in PARTS if part in config}

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        refuse_second(turn)
        needed = {part for part in PARTS if config.get(part) == "required"}
        text = text_of(payload, "text", most=LONGEST_TEXT, required="text" in needed)
        link = text_of(payload, "link", most=LONGEST_LINK, required="link" in needed)
        if link and not LINK.fullmatch(link):
            raise BadSubmission({"link": _("A link begins with https:// and has no spaces.")})
        picture = _picture(payload.get("picture"), required="picture" in needed)
        if not (text or link or picture):
            raise BadSubmission({next(iter(sorted(needed))): _("Please fill this in.")})
        hand_in(turn, text=text, link=link, file=proof_pictures.store(picture, now=turn.now) if picture else "")

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        shown = {name: config.get(name) for name in (*PARTS, "example")} | {"largest": LARGEST_BYTES}
        return {**super().page(config, standing, turn), **shown}


def _picture(given: Any, *, required: bool) -> bytes | None:
    """The picture drawn anew, from an uploaded file or base64; None where there is none. Raises BadSubmission."""
    if not given:
        if required:
            raise BadSubmission({"picture": _("Please choose a picture.")})
        return None
    try:
        return drawn_anew(_content(given))
    except NotAPicture as error:
        raise BadSubmission({"picture": error.words}) from None


def _content(given: Any) -> bytes:
    if isinstance(given, UploadedFile):
        if given.size is None or given.size > LARGEST_BYTES:
            raise NotAPicture(TOO_LARGE)
        return given.read()
    if not isinstance(given, str):
        raise NotAPicture(NO_PICTURE)
    # Four characters of base64 are three bytes.
    if len(given) * 3 // 4 > LARGEST_BYTES + 3:
        raise NotAPicture(TOO_LARGE)
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise NotAPicture(NO_PICTURE) from None


KIND = Proof()
