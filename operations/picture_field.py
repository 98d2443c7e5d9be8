"""A column that names a stored picture, and the field of a form that takes an upload for it.

An upload is kept as soon as it is looked at: a form that has another fault comes back with the picture in it. What is
never saved is forgotten (`operations.pictures.forget_unused`).
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from operations import pictures
from operations.decoding import LARGEST_BYTES, TOO_LARGE, NotAPicture
from operations.picture_reference import LONGEST, read


class PictureField(models.CharField):
    """The reference of a picture (`operations.picture_reference`), "" for none."""

    def __init__(self, *args: Any, least_width: int = 1, **kwargs: Any) -> None:
        self.least_width = least_width
        settings: dict[str, Any] = {"max_length": LONGEST, "blank": True, "default": "", "db_default": ""}
        super().__init__(*args, **(settings | kwargs))

    def formfield(self, **kwargs: Any) -> Any:
        """An admin offers a line of text for a column of text; this takes none."""
        return PictureFormField(
            label=capfirst(self.verbose_name), help_text=self.help_text, least_width=self.least_width
        )


@dataclass(frozen=True, slots=True)
class Given:
    """What a form sent: the picture it showed, a file in its place, or the wish to have none."""

    shown: str
    file: UploadedFile | None
    without: bool


class PictureInput(forms.Widget):
    """The picture as it stands, a file to put in its place, and a tick to take it away."""

    template_name = "operations/widgets/picture.html"
    needs_multipart_form = True

    class Media:
        css = {"all": ["admin/pictures.css"]}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Given:
        return Given(data.get(name, ""), files.get(f"{name}-file"), bool(data.get(f"{name}-without")))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}-file" not in files

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text = value if isinstance(value, str) else ""
        return context | {"reference": text, "named": read(text), "accept": "image/jpeg,image/png,image/webp"}


class PictureFormField(forms.Field):
    """Its value is the reference of a picture that is kept here, or ""."""

    widget = PictureInput

    def __init__(self, *, least_width: int = 1, **kwargs: Any) -> None:
        self.least_width = least_width
        self.kept: str | None = None
        super().__init__(**{"required": False} | kwargs)

    def clean(self, value: Given) -> str:
        if value.file is not None:
            self.kept = self._kept(value.file)
            return self.kept
        if value.without or not value.shown:
            return ""
        if not pictures.hold(value.shown, now=timezone.now()):
            raise ValidationError(_("This picture is no longer kept here. Please upload it again."), code="gone")
        return value.shown

    def has_changed(self, initial: Any, data: Any) -> bool:
        wanted = "" if data.without else data.shown
        return data.file is not None or wanted != (initial or "")

    def bound_data(self, data: Given, initial: Any) -> str:
        """Show what was just uploaded, though the form has a fault elsewhere."""
        if isinstance(data, str):
            return data
        return self.kept or ("" if data.without else data.shown)

    def _kept(self, file: UploadedFile) -> str:
        if file.size is None or file.size > LARGEST_BYTES:
            raise ValidationError(TOO_LARGE, code="too_large")
        try:
            kept = pictures.keep(file.read(), now=timezone.now())
        except NotAPicture as error:
            raise ValidationError(str(error.words), code="no_picture") from None
        if kept.width < self.least_width:
            message = _("The picture is %(width)d pixels wide; it would be blurred. It needs %(least)d or more.")
            words = {"width": kept.width, "least": self.least_width}
            raise ValidationError(message, code="too_narrow", params=words)
        return str(kept)
