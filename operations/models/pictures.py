"""Pictures that everybody may see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Picture(models.Model):
    """A picture that everybody may see, named by what it shows (`operations.pictures`)."""

    digest = models.CharField(_("digest"), max_length=32, primary_key=True)
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    colour = models.CharField(_("colour"), max_length=6)
    stored_at = models.DateTimeField(_("stored"))
    # When it was last stored, named, or seen in use.
    wanted_at = models.DateTimeField(_("last wanted"), db_index=True)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.width} × {self.height}, {self.digest[:8]}"


class PictureSize(models.Model):
    """The picture as WebP, `width` pixels wide."""

    picture = models.ForeignKey(Picture, models.CASCADE, db_index=False, related_name="sizes")
    width = models.PositiveSmallIntegerField(_("width"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("size of a picture")
        verbose_name_plural = _("sizes of pictures")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["picture", "width"], name="picture_size_once")]

    def __str__(self) -> str:
        return f"{self.picture_id[:8]}, {self.width}"
