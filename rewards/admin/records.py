"""What members hold, drew and were given: to be seen, not edited."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import clauses, labelled
from rewards import replaying
from rewards.admin.scope_names import ScopeFilter, ShowsScope
from rewards.models import Account, Chances, Draw, Entry, Lot

UID = _("uid of the member")


@admin.register(Draw)
class DrawAdmin(ShowsScope, ReadOnlyAdmin):
    list_display = ["member", "version", "gift", "shown_fallback", "shown_scope", "drawn_at"]
    list_filter = ["fallback", "version__pool", ScopeFilter]
    list_select_related = ["member", "version__pool", "award__gift"]
    fields = [
        ("member", "shown_scope"),
        ("version", "shown_roll"),
        ("shown_rolled", "gift"),
        ("shown_fallback", "award"),
        ("shown_closed", "misses"),
        ("price", "chances_left"),
        ("shown_bucket", "drawn_at"),
        ("shown_replay", "request_key"),
    ]
    search_fields = ["member__uid__exact"]
    search_help_text = UID

    @display(description=_("prize given"), ordering="prize")
    def gift(self, draw: Draw) -> str:
        return draw.award.gift.name

    @display(description=_("why another prize"), ordering="fallback", label="warning")
    def shown_fallback(self, draw: Draw) -> str:
        return draw.get_fallback_display()

    @display(description=_("roll"))
    def shown_roll(self, draw: Draw) -> str:
        return f"{draw.roll:,}"

    @display(description=_("rolled prize"))
    def shown_rolled(self, draw: Draw) -> str:
        """The prize by its name, with the rolls that are its own."""
        prize = draw.version.prizes.get(key=draw.rolled)
        return f"{prize.name} ({prize.floor:,} – {prize.ceiling - 1:,})"

    @display(description=_("not to be won"))
    def shown_closed(self, draw: Draw) -> str:
        names = dict(draw.version.prizes.values_list("key", "name"))
        words = dict(Draw.Fallback.choices)
        return clauses(labelled(names.get(key, key), words.get(why, why)) for key, why in draw.closed.items()) or "–"

    @display(description=_("replayed from its record"), boolean=True)
    def shown_replay(self, draw: Draw) -> bool:
        return replaying.follows(draw)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["member", "unit", "balance", "pending", "debt", "earned"]
    fields = [("member", "unit"), ("balance", "pending"), ("debt", "earned")]
    list_filter = ["unit"]
    list_select_related = ["member", "unit"]
    search_fields = ["member__uid__exact"]
    search_help_text = UID


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["shown_member", "shown_unit", "kind", "shown_amount", "balance_after", "reason", "posted_at"]
    # The sign of an amount stands in its own column of a file: a number, and no text that begins with a plus.
    export_display = ["shown_member", "shown_unit", "kind", "amount", "balance_after", "reason", "posted_at"]
    list_filter = ["account__unit", "kind"]
    list_select_related = ["account__member", "account__unit"]
    search_fields = ["account__member__uid__exact", "reference__exact", "key__exact"]
    search_help_text = _("uid of the member, a reference such as order:A-1, or a key")
    fields = [
        ("shown_member", "shown_unit"),
        ("kind", "shown_amount"),
        ("to_balance", "balance_after"),
        ("to_pending", "to_debt", "to_earned"),
        ("reason", "reference"),
        ("original", "key", "posted_at"),
    ]
    ordering = ["-id"]

    @display(description=_("member"))
    def shown_member(self, entry: Entry) -> str:
        return entry.account.member.uid

    @display(description=_("unit"))
    def shown_unit(self, entry: Entry) -> str:
        return str(entry.account.unit)

    @display(description=_("amount"), ordering="amount")
    def shown_amount(self, entry: Entry) -> str:
        return f"{entry.amount:+,}"


@admin.register(Lot)
class LotAdmin(ReadOnlyAdmin):
    list_display = ["shown_member", "shown_unit", "amount", "remaining", "expires_at"]
    list_filter = ["account__unit", "expires_at"]
    list_select_related = ["account__member", "account__unit"]
    search_fields = ["account__member__uid__exact"]
    search_help_text = UID
    fields = [("shown_member", "shown_unit"), ("amount", "remaining"), ("expires_at", "entry")]
    ordering = ["-entry"]

    @display(description=_("member"))
    def shown_member(self, lot: Lot) -> str:
        return lot.account.member.uid

    @display(description=_("unit"))
    def shown_unit(self, lot: Lot) -> str:
        return str(lot.account.unit)


@admin.register(Chances)
class ChancesAdmin(ShowsScope, ReadOnlyAdmin):
    list_display = ["member", "shown_scope", "shown_bucket", "granted", "used", "shown_left"]
    list_filter = [ScopeFilter]
    list_select_related = ["member"]
    search_fields = ["member__uid__exact", "scope__exact"]
    search_help_text = _("uid of the member, or a scope")

    @display(description=_("left"))
    def shown_left(self, chances: Chances) -> int:
        return chances.left
