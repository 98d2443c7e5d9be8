"""The forms of an import: which file, and how it is to be read."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from members import imports
from members.csv_checks import ENCODINGS
from members.csv_files import CsvFile
from members.import_mapping import MappingFault, fault_of, guess
from members.importing import Reading

SEPARATOR_NAMES = [
    (",", gettext_lazy("Comma ,")),
    (";", gettext_lazy("Semicolon ;")),
    ("\t", gettext_lazy("Tab")),
]


def may_import(user: User | AnonymousUser, kind: str) -> bool:
    """Whether the user may import this kind, and see what files of it hold. A kind without permission is locked."""
    try:
        permission = imports.importer_of(kind).permission
    except imports.UnknownKind:
        return False
    return user.has_perm("members.start_importrun") and user.has_perm(permission)


def kinds_for(user: User | AnonymousUser) -> list[str]:
    return [kind for kind in imports.kinds() if may_import(user, kind)]


class UploadForm(forms.Form):
    """A file, and the kind of facts it holds, out of those the user may import."""

    kind = forms.ChoiceField(label=gettext_lazy("What the file holds"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, imports.title_of(kind)) for kind in kinds_for(user)]  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_LARGEST_MB * 1_000_000:
            too_large = _("The file is larger than %(most)s MB. Split it.") % {"most": settings.IMPORT_LARGEST_MB}
            raise forms.ValidationError(too_large)
        return file


class ReadingForm(forms.Form):
    """How to read a file: encoding, separator, and for each of its columns what it stands for.

    A file that is read with another separator has other columns: they are guessed anew unless `asked` says that the
    choices were made for this reading.
    """

    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"), choices=list(ENCODINGS.items()), widget=UnfoldAdminSelectWidget
    )
    separator = forms.ChoiceField(
        label=gettext_lazy("Separator"), choices=SEPARATOR_NAMES, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, file: CsvFile, importer: imports.Importer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.titles = file.titles
        self._importer = importer
        columns = importer.columns()
        guessed = {title: name for name, title in guess(self.titles, columns).items()}
        choices = _choices(importer)
        for index, title in enumerate(self.titles):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=_("“%(title)s” is") % {"title": title},
                required=False,
                choices=choices,
                initial=guessed.get(title, ""),
                widget=UnfoldAdminSelectWidget,
            )

    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column-{index}"] for index in range(len(self.titles))]

    def chosen(self) -> list[str]:
        """Return the column for each title, "" for those not imported."""
        known = self._importer.knows
        chosen = (str(field.value() or "") for field in self.column_fields())
        return [name if name and known(name) else "" for name in chosen]

    def fault(self) -> MappingFault:
        return fault_of(self.chosen(), self._importer.required)

    def reading(self) -> Reading:
        mapping = {name: title for title, name in zip(self.titles, self.chosen(), strict=True) if name}
        return Reading(str(self["encoding"].value()), str(self["separator"].value()), mapping)


def _choices(importer: imports.Importer) -> list[tuple[str, Any]]:
    columns = importer.columns()
    required = [(name, f"{column.label} *") for name, column in columns.items() if name in importer.required]
    others = [(name, str(column.label)) for name, column in columns.items() if name not in importer.required]
    return [("", _("– not imported –")), (_("Required"), required), (_("Optional"), others)]
