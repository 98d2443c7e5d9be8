"""Sets of members, as they are stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberSet(models.Model):
    """An immutable set of member ids, as roaring bitmaps in chunks of 2^20 ids."""

    size = models.PositiveIntegerField(_("members"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("member set")
        verbose_name_plural = _("member sets")

    def __str__(self) -> str:
        return f"#{self.pk} ({self.size})"


class MemberSetChunk(models.Model):
    """The members whose id >> 20 is `chunk`; the bitmap holds their low 20 bits."""

    member_set = models.ForeignKey(MemberSet, models.CASCADE, related_name="chunks")
    chunk = models.PositiveIntegerField()
    bitmap = models.BinaryField()

    class Meta:
        verbose_name = _("member set chunk")
        verbose_name_plural = _("member set chunks")
        constraints = [models.UniqueConstraint(fields=["member_set", "chunk"], name="member_set_chunk_once")]

    def __str__(self) -> str:
        return f"{self.member_set_id}/{self.chunk}"


class FactsVersion(models.Model):
    """A version of the store of facts on some machine's disk; a store whose token is not here answers for nobody."""

    token = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("version of the store of facts")
        verbose_name_plural = _("versions of the store of facts")

    def __str__(self) -> str:
        return str(self.token)
