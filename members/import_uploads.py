"""Where uploaded files are kept until they are forgotten."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.core.files.base import File
from django.db.models.fields.files import FieldFile


@contextmanager
def stored(field: FieldFile, content: File) -> Iterator[Path]:
    """Store the content under a name that nobody chose; whatever goes wrong within, nothing is left of it."""
    field.save(f"{uuid4().hex}.csv", content, save=False)
    try:
        yield Path(field.path)
    except BaseException:
        field.delete(save=False)
        raise
