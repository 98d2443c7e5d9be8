"""Static files by hashed name, so that browsers may keep them for ever."""

from django.contrib.staticfiles import finders
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Like WhiteNoise's, but a file that was not collected costs the page its style, not the visitor the page."""

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            if finders.find(self.clean_name(name)) is None:
                raise
            return name
