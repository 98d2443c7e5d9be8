"""Static files as they are collected: everybody may read them, while uploaded ones are for one user alone."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from config.static_files import StaticFiles


@pytest.fixture(autouse=True)
def _careful():
    """As where an administrator's own files are nobody else's."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def modes(storage: FileSystemStorage, folder: Path) -> list[str]:
    storage.save("inner/a.css", ContentFile(b"a { color: red }"))
    return [oct((folder / name).stat().st_mode & 0o777) for name in ("inner", "inner/a.css")]


def test_another_user_than_who_collects_them_serves_static_files(tmp_path):
    storage = StaticFiles(location=tmp_path, **settings.STORAGES["staticfiles"]["OPTIONS"])

    assert modes(storage, tmp_path) == ["0o755", "0o644"]


def test_uploaded_files_are_read_by_the_services_user_alone(tmp_path):
    assert modes(FileSystemStorage(location=tmp_path), tmp_path) == ["0o700", "0o600"]
