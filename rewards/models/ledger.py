"""The ledger: units, accounts, and the signed entries that move them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from members.bilingual import in_reader_language
from members.models import Member


def site_time_zone() -> str:
    """Return the time zone in which a new unit's days end."""
    return settings.TIME_ZONE


class Unit(models.Model):
    """What the ledger counts in: points (积分), growth value (成长值), energy (能量) … and when it expires."""

    class Expiry(models.TextChoices):
        NEVER = "never", _("never")
        DAYS = "days", _("so many days after it was earned")
        MONTHS = "months", _("so many months after it was earned")
        YEAR_END = "year_end", _("at the end of the year, so many years later")

    slug = models.SlugField(_("key"), unique=True)
    # The names of our own units are stored in English and are in the catalogue.
    name = models.CharField(_("name"), max_length=50)
    name_en = models.CharField(_("English name"), max_length=50, blank=True)
    expiry = models.CharField(_("expires"), max_length=10, choices=Expiry, default=Expiry.NEVER)
    expires_after = models.PositiveSmallIntegerField(
        _("after"), null=True, blank=True, validators=[MaxValueValidator(3650)]
    )
    # The day on which something is earned counts in full: it expires at a midnight of this time zone.
    time_zone = models.CharField(_("time zone"), max_length=50, default=site_time_zone)
    notice_days = models.PositiveSmallIntegerField(
        _("notice before it expires, in days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    adjustment_limit = models.PositiveBigIntegerField(
        _("largest adjustment that one person may make"),
        default=1_000,
        help_text=_("More needs a second person."),
    )

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expiry="never", expires_after=None)
                | Q(expiry__in=["days", "months"], expires_after__isnull=False, expires_after__gte=1)
                | Q(expiry="year_end", expires_after__isnull=False),
                name="unit_expires_after_for_expiry",
                violation_error_message=_(
                    "Say after how many days, months or years it expires, or that it never does."
                ),
            )
        ]

    def __str__(self) -> str:
        return in_reader_language(gettext(self.name), self.name_en)


class Account(models.Model):
    """A member's standing in one unit.

    `balance` can be spent. `pending` was earned and matures later. `debt` is what was taken back after it had been
    spent: the next that comes in settles it first, so there is never a balance beside a debt. `earned` is all that
    ever matured, less what was reversed: levels follow it.
    """

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="accounts", db_index=False, verbose_name=_("member")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("unit"))
    balance = models.BigIntegerField(_("balance"), default=0)
    pending = models.BigIntegerField(pgettext_lazy("amount", "pending"), default=0, db_default=0)
    debt = models.BigIntegerField(_("debt"), default=0, db_default=0)
    earned = models.BigIntegerField(_("earned"), default=0)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["member", "unit"], name="account_once"),
            models.CheckConstraint(condition=Q(balance__gte=0), name="account_balance_not_negative"),
            models.CheckConstraint(condition=Q(pending__gte=0), name="account_pending_not_negative"),
            models.CheckConstraint(condition=Q(earned__gte=0), name="account_earned_not_negative"),
            models.CheckConstraint(
                condition=Q(debt=0) | Q(debt__gt=0, balance=0), name="account_no_balance_beside_debt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.unit_id}"


# What an entry of each kind does; the ledger's books say it again in SQL.
_IN = Q(amount__gt=0, to_balance__gte=0, to_debt__lte=0, to_balance=F("amount") + F("to_debt"))
_OUT = Q(amount__lt=0, to_balance=F("amount"), to_pending=0, to_debt=0, to_earned=0)
_EARNED = _IN & Q(to_pending=0, to_earned=F("amount"))
_GIVEN_BACK = _IN & Q(to_pending=0, to_earned=0)
_TAKEN_BACK = Q(amount__lt=0, to_earned=F("amount"), to_pending=0, to_balance__lte=0, to_debt__gte=0) & Q(
    to_balance__gte=F("amount") + F("to_debt")
)
_NEVER_GIVEN = Q(to_balance=0, to_debt=0, to_earned=0, to_pending__lte=0, to_pending__gte=F("amount"))
ENTRY_DOES = (
    (Q(kind="earn", original=None) & _EARNED)
    | (Q(kind="adjust", original=None) & (_EARNED | _OUT))
    | (Q(kind__in=["spend", "expire", "send"], original=None) & _OUT)
    | Q(kind="pend", original=None, amount__gt=0, to_balance=0, to_pending=F("amount"), to_debt=0, to_earned=0)
    | (Q(kind="mature", original__isnull=False, to_pending=-F("amount"), to_earned=F("amount")) & _IN)
    | (Q(kind="receive", original__isnull=False) & _GIVEN_BACK)
    | (Q(kind="reverse", original__isnull=False) & (_GIVEN_BACK | _TAKEN_BACK | _NEVER_GIVEN))
    | Q(kind="forfeit", original=None, to_balance__lte=0, to_pending__lte=0, to_debt=0, to_earned=0)
    & Q(to_balance=F("amount") - F("to_pending"))
)


class Entry(models.Model):
    """One signed movement. Append-only: a trigger refuses changes.

    `amount` is what was asked; `to_balance`, `to_pending`, `to_debt` and `to_earned` are what it did to the account,
    and the account is their sums. `original` is the entry that this one matures, reverses or is the other side of.
    """

    class Kind(models.TextChoices):
        EARN = "earn", pgettext_lazy("entry", "earned")
        PEND = "pend", _("earned, pending")
        MATURE = "mature", _("matured")
        SPEND = "spend", _("spent")
        EXPIRE = "expire", _("expired")
        REVERSE = "reverse", _("reversed")
        SEND = "send", _("sent")
        RECEIVE = "receive", _("received")
        ADJUST = "adjust", _("adjusted")
        FORFEIT = "forfeit", _("forfeited")

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    amount = models.BigIntegerField(_("amount"))
    to_balance = models.BigIntegerField(_("to the balance"), default=0, db_default=0)
    to_pending = models.BigIntegerField(_("to what is pending"), default=0, db_default=0)
    to_debt = models.BigIntegerField(_("to the debt"), default=0, db_default=0)
    to_earned = models.BigIntegerField(_("to what was earned"), default=0, db_default=0)
    balance_after = models.BigIntegerField(_("balance after"))
    original = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="followed_by",
        verbose_name=_("of entry"),
    )
    key = models.CharField(_("key"), max_length=200, unique=True)
    reason = models.CharField(_("reason"), max_length=200)
    # What it is for, such as "order:A-1": all that an order gave is found by it.
    reference = models.CharField(_("reference"), max_length=150, blank=True, default="", db_default="")
    posted_at = models.DateTimeField(_("posted"))

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            models.Index(fields=["account", "-id"], name="entry_account"),
            models.Index(fields=["posted_at", "id"], name="entry_when"),
            models.Index(fields=["original"], name="entry_original", condition=Q(original__isnull=False)),
            models.Index(fields=["reference"], name="entry_reference", condition=~Q(reference="")),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something"),
            models.CheckConstraint(condition=ENTRY_DOES, name="entry_does_what_its_kind_does"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="entry_balance_not_negative"),
        ]

    def __str__(self) -> str:
        return self.key


class PendingEntry(models.Model):
    """What is still pending of an entry, and when it matures."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="pending")
    account = models.ForeignKey(Account, models.PROTECT, related_name="pending_entries")
    remaining = models.BigIntegerField(_("remaining"))
    matures_at = models.DateTimeField(_("matures"))

    class Meta:
        verbose_name = _("pending entry")
        verbose_name_plural = _("pending entries")
        indexes = [models.Index(fields=["matures_at"], name="pending_due", condition=Q(remaining__gt=0))]
        constraints = [models.CheckConstraint(condition=Q(remaining__gte=0), name="pending_not_negative")]

    def __str__(self) -> str:
        return f"{self.entry_id}"


class Lot(models.Model):
    """What an entry added to a balance that expires. Spent first-in first-out, by the time of expiry.

    A balance may exceed the sum of its lots: what came in while the unit did not expire never does; it is spent last.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="lot")
    account = models.ForeignKey(Account, models.PROTECT, db_index=False, related_name="lots")
    amount = models.BigIntegerField(_("amount"))
    remaining = models.BigIntegerField(_("remaining"))
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        indexes = [
            models.Index(fields=["account", "expires_at", "entry"], name="lot_open", condition=Q(remaining__gt=0)),
            models.Index(fields=["expires_at"], name="lot_due", condition=Q(remaining__gt=0)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("amount")), name="lot_within_amount"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}"


class LotUse(models.Model):
    """What an entry took out of a lot; negative where a reversal put it back. Append-only."""

    entry = models.ForeignKey(Entry, models.PROTECT, db_index=False, related_name="lot_uses")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="uses")
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("use of a lot")
        verbose_name_plural = _("uses of lots")
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="lot_use_once"),
            models.CheckConstraint(condition=~Q(amount=0), name="lot_use_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.lot_id}"


class ExpiryNotice(models.Model):
    """A member was told that what they hold expires: once for each unit and moment of expiry."""

    account = models.ForeignKey(
        Account, models.PROTECT, db_index=False, related_name="expiry_notices", verbose_name=_("account")
    )
    expires_at = models.DateTimeField(_("expires"))
    amount = models.BigIntegerField(_("amount"))
    told_at = models.DateTimeField(_("told"))

    class Meta:
        verbose_name = _("notice of expiry")
        verbose_name_plural = _("notices of expiry")
        constraints = [models.UniqueConstraint(fields=["account", "expires_at"], name="expiry_notice_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.expires_at}"
