"""Custom attributes: declared by operators, stored by type."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.bilingual import in_reader_language
from members.models.people import Member


class Attribute(models.Model):
    """A custom attribute of members that an operator declares before anyone may send it."""

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NUMBER = "number", pgettext_lazy("type of a value", "number")
        DATE = "date", _("date")
        BOOLEAN = "boolean", _("yes or no")
        CHOICE = "choice", _("choice")

    slug = models.SlugField(_("key"), unique=True)
    label = models.CharField(_("label"), max_length=100)
    label_en = models.CharField(_("English label"), max_length=100, blank=True)
    kind = models.CharField(_("type"), max_length=10, choices=Kind)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    # choice → [label, English label]; a choice that is not here is its own label.
    choice_labels = models.JSONField(_("labels of the choices"), default=dict, blank=True)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ["slug"]

    def __str__(self) -> str:
        return in_reader_language(self.label, self.label_en)

    def choice_label(self, choice: str) -> str:
        """Return what a reader calls the choice."""
        return in_reader_language(*self.choice_labels[choice]) if choice in self.choice_labels else choice


class AttributeValue(models.Model):
    """One member's value of one attribute, in the column of its type; choices are texts.

    Each type has an index that leads with the attribute and carries the member, so that a clause over it reads the
    index alone.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="attribute_values", db_index=False)
    attribute = models.ForeignKey(Attribute, models.PROTECT, related_name="values", db_index=False)
    text = models.CharField(_("text"), max_length=500, null=True)
    number = models.DecimalField(_("number"), max_digits=24, decimal_places=6, null=True)
    day = models.DateField(_("date"), null=True)
    boolean = models.BooleanField(_("yes or no"), null=True)

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        constraints = [
            models.UniqueConstraint(fields=["member", "attribute"], name="attribute_value_once"),
            models.CheckConstraint(
                condition=(
                    Q(text__isnull=False, number=None, day=None, boolean=None)
                    | Q(text=None, number__isnull=False, day=None, boolean=None)
                    | Q(text=None, number=None, day__isnull=False, boolean=None)
                    | Q(text=None, number=None, day=None, boolean__isnull=False)
                ),
                name="attribute_value_of_one_type",
            ),
        ]
        indexes = [
            models.Index(
                fields=["attribute", column],
                name=f"attribute_value_{column}",
                condition=Q(**{f"{column}__isnull": False}),
                include=["member"],
            )
            for column in ("text", "number", "day", "boolean")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.attribute_id}"
