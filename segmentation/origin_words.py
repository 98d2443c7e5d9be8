"""Where members of a package or of a batch come from, in words with links."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.addresses import page_of
from segmentation.models import Segment, UidList
from segmentation.splitting import SCALE

JOINED = {
    "and": gettext_lazy("and also in"),
    "or": gettext_lazy("or in"),
    "minus": gettext_lazy("but not in"),
}


def origin_words(origin: Mapping[str, Any]) -> SafeString | str:  # noqa: PLR0911 one for each way
    """Return one sentence; what is gone is named without a link."""
    match origin.get("how"):
        case "upload" | "list":
            return _list(origin)
        case "segment" | "freeze":
            return _frozen(origin)
        case "combine":
            return _combined(origin)
        case "split":
            return _split(origin)
        case "restore":
            return _("Version %(number)s again") % {"number": origin["version"]}
        case "carriers":
            return _("Everyone who carried the tag")
    return "–"


def linked(slug: str, name: str) -> SafeString | str:
    """Return the name of a segment or package, with a link while it is there."""
    found = Segment.objects.filter(slug=slug).only("pk", "kind").first()
    if found is None:
        return name
    return format_html('<a class="own-link" href="{}">{}</a>', page_of(found), name)


def _list(origin: Mapping[str, Any]) -> SafeString:
    name = origin.get("name") or _("a pasted list")
    if UidList.objects.filter(pk=origin.get("list") or 0).exists():
        address = reverse("admin:segmentation_uidlist_change", args=[origin["list"]])
        name = format_html('<a class="own-link" href="{}">{}</a>', address, name)
    if "lines" not in origin:
        return format_html(_("From {}"), name)
    told = _("{}: {} uids, {} repeated, {} unknown")
    return format_html(told, name, origin["lines"], origin["repeated"], origin["unknown"])


def _frozen(origin: Mapping[str, Any]) -> SafeString:
    name = linked(origin["segment"], origin["name"])
    at = parse_datetime(origin["at"]) if "at" in origin else None
    if at is None:
        return format_html(_("Members of {}"), name)
    return format_html(_("Members of {} as of {}"), name, date_format(localtime(at), "SHORT_DATETIME_FORMAT"))


def _combined(origin: Mapping[str, Any]) -> SafeString:
    first, *others = origin["steps"]
    rest = ((JOINED[each["operation"]], linked(each["segment"], each["name"])) for each in others)
    start = format_html(_("In {}"), linked(first["segment"], first["name"]))
    return format_html("{}{}", start, format_html_join("", ", {} {}", rest))


def _split(origin: Mapping[str, Any]) -> SafeString:
    share = f"{origin['shares'][origin['group']] * 100 / SCALE:g} %"
    told = _("{} of {}, chosen at random by the salt “{}”: group {} of {}")
    name = linked(origin["segment"], origin["name"])
    return format_html(told, share, name, origin["salt"], origin["group"] + 1, len(origin["shares"]))
