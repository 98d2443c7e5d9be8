"""Who is taking part: a signed cookie that `members.entering` earns."""

import re
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core import signing
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.utils.http import urlencode

from members.entering import HOW_TO_ENTER, WORDINGS, EntryRefusal
from members.models import Member
from members.wechat import offering

COOKIE = "participant"
PATH = "/h5/"
MAX_AGE = 12 * 60 * 60
_SALT = "members.participants"
_SLUG = re.compile(r"[-\w]{1,50}", re.ASCII)
_COLOUR = re.compile(r"[0-9a-f]{6}")

# As text: to build it by the ORM took as long for each page as the rest of the statement.
_UNREAD = RawSQL(
    "SELECT count(*) FROM members_inboxmessage told WHERE told.member_id = members_member.id AND told.read_at IS NULL",
    [],
    output_field=IntegerField(),
)


def sign_in(response: HttpResponseBase, member: Member, request: HttpRequest) -> None:
    """Let `response` set the cookie that says who is taking part, for 12 hours."""
    rotate_token(request)
    response.set_cookie(
        COOKIE,
        cookie_value(member.pk),
        max_age=MAX_AGE,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=not settings.LOCAL_HTTP,
    )


def sign_out(response: HttpResponseBase, request: HttpRequest) -> None:
    """Let `response` take the cookie away: whoever holds the phone next is nobody."""
    rotate_token(request)
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    request._participant = None  # type: ignore[attr-defined]


def cookie_value(member_id: int) -> str:
    """Return what the cookie of this member holds, signed at this moment."""
    return signing.get_cookie_signer(salt=COOKIE + _SALT).sign(str(member_id))


def participant_of(request: HttpRequest) -> Member | None:
    """Return the member who is taking part, or None. Asks the database once a request."""
    if not hasattr(request, "_participant"):
        request._participant = _load(request)  # type: ignore[attr-defined]
    participant: Member | None = request._participant  # type: ignore[attr-defined]
    return participant


def _load(request: HttpRequest) -> Member | None:
    value = request.get_signed_cookie(COOKIE, default=None, salt=_SALT, max_age=MAX_AGE)
    if value is None:
        return None
    return load_participant(int(value))


def load_participant(member_id: int) -> Member | None:
    """Return a member as the pages want them; None where there is none, or they were erased."""
    # The number on “Mine” rides along: no page asks for it by itself.
    members = Member.objects.select_related("level").annotate(unread_messages=_UNREAD)
    return members.filter(pk=member_id, erased_at=None).first()


def take_part(request: HttpRequest, member: Member) -> None:
    """Let the member be who is taking part, for this request alone: nobody signs in."""
    request._participant = member  # type: ignore[attr-defined]


def unread_messages(request: HttpRequest) -> dict[str, int]:
    """A context processor: how many messages wait for whoever takes part. It never asks the database."""
    return {"unread_messages": getattr(getattr(request, "_participant", None), "unread_messages", 0)}


def refused(request: HttpRequest, code: EntryRefusal, *, onward: str | None = None) -> HttpResponse:
    """Return the page that says why the door stays shut and how to get in.

    `onward` is the page to come back to; without it, the one that was asked for. What a form sent was not counted,
    and the page says so.
    """
    wanted = asked_for(request) if onward is None else onward
    context = {
        "code": str(code),
        "reason": WORDINGS[code],
        "how_to_enter": HOW_TO_ENTER,
        "sign_in": shop_sign_in(wanted or PATH),
        "sent": request.method == "POST",
        "wanted": wanted,
        "wechat": offering.sign_in_path(request, wanted),
    }
    return render(request, "h5/entry_refused.html", context, status=403)


def asked_for(request: HttpRequest) -> str:
    """Return the page that was asked for; of what a form sent, the page with the form, "" where that is not known."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    try:
        came_from = urlsplit(request.META.get("HTTP_REFERER", ""))
    except ValueError:
        # No address at all, such as "http://[".
        return ""
    if came_from.netloc != request.get_host() or not came_from.path.startswith(PATH):
        return ""
    return came_from._replace(scheme="", netloc="", fragment="").geturl()


def shop_sign_in(onward: str) -> str:
    """Return where the shop signs its members in and sends them back to `onward`; "" where it has no such address."""
    return settings.SHOP_SIGN_IN_URL.replace("{next}", quote(onward, safe=""))


def campaign_left(request: HttpRequest) -> dict[str, str]:
    """Return the key and the colour of the campaign that the participant came from, as a page's context has them."""
    slug, theme = request.GET.get("c", ""), request.GET.get("t", "")
    return {
        "slug": slug if _SLUG.fullmatch(slug) else "",
        "theme": theme if _COLOUR.fullmatch(theme) else "",
    }


def way_back(request: HttpRequest) -> str:
    """Return the same as the query of a link, so that the next page knows it too; "" where none was left."""
    left = campaign_left(request)
    return f"?{urlencode({'c': left['slug'], 't': left['theme']})}" if left["slug"] else ""
