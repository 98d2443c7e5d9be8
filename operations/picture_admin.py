"""Stored pictures in the admin: small in lists, and whole for who may look at a page but not change it."""

from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operations.templatetags.pictures import framed_picture, picture

NONE = "–"


class HasPicture:
    """An admin of a model whose column `picture_field` names a picture. Its media have `admin/pictures.css`."""

    picture_field = "picture"

    def picture_of(self, obj: Any) -> str:
        """Return the picture that a list shows of the row."""
        return getattr(obj, self.picture_field)

    @display(description=_("picture"))
    def small_picture(self, obj: Any) -> str:
        return framed_picture(self.picture_of(obj), "picture-small", "64px") or NONE

    @display(description=_("picture"))
    def whole_picture(self, obj: Any) -> str:
        reference = getattr(obj, self.picture_field)
        if not reference:
            return NONE
        shown = picture(reference, sizes="(min-width: 640px) 24rem, 90vw")
        return format_html('<span class="picture-shown">{}</span>', shown)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look sees the picture where the form has its field."""
        told = super().get_fieldsets(request, obj)  # type: ignore[misc]
        if obj is None or self.has_change_permission(request, obj):  # type: ignore[attr-defined]
            return told
        return [
            (title, options | {"fields": [self._seen(each) for each in options["fields"]]}) for title, options in told
        ]

    def _seen(self, field: Any) -> Any:
        return "whole_picture" if field == self.picture_field else field
