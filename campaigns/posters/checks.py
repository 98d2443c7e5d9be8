"""`manage.py check` warns where posters would have no words."""

from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from campaigns.posters import fonts

NO_FONT = "campaigns.W001"
BAD_FONT = "campaigns.E001"


@register()
def typeface_of_posters(**_options: Any) -> list[CheckMessage]:
    try:
        found = fonts.typeface()
    except fonts.FontError as error:
        return [Error(f"POSTER_FONT names no font with Chinese: {error}", id=BAD_FONT)]
    if found is None and not fonts.is_unwanted():
        hint = "Install one (Debian: fonts-noto-cjk), or name its file in POSTER_FONT; POSTER_FONT=none is content."
        return [Warning("No Chinese font was found: share posters are drawn without words.", hint=hint, id=NO_FONT)]
    return []
