"""Who got which prize of a leaderboard: to be seen, not edited; what was out of gifts can be granted after all."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from campaigns import rank_prizes
from campaigns.board_rules import ALL
from campaigns.definition import parse_reward
from campaigns.models import BoardClosing, RankPrize
from campaigns.presenting import chips
from operations.read_only_admin import ReadOnlyAdmin
from operations.sentences import listed

STATE_COLOURS = {"waiting": "info", "granted": "success", "out_of_gifts": "danger", "erased": "default"}


@admin.register(BoardClosing)
class BoardClosingAdmin(ReadOnlyAdmin):
    list_display = ["campaign", "shown_period", "closed_at", "winners", "granted", "waiting", "out_of_gifts"]
    search_fields = ["campaign__name", "campaign__slug"]
    list_filter = ["campaign"]
    list_select_related = ["campaign"]
    fields = [("campaign", "shown_period"), ("closed_at", "winners")]
    actions = ["try_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[BoardClosing]:
        counts = {
            f"{state}_prizes": Count("prizes", filter=Q(prizes__state=state))
            for state in ("granted", "waiting", "out_of_gifts")
        }
        return super().get_queryset(request).annotate(**counts).order_by("-closed_at", "-pk")

    @display(description=_("period"), ordering="period")
    def shown_period(self, closing: BoardClosing) -> Any:
        return _("whole campaign") if closing.period == ALL else closing.period

    @display(description=_("granted"))
    def granted(self, closing: Any) -> int:
        return closing.granted_prizes

    @display(description=_("waiting"))
    def waiting(self, closing: Any) -> int:
        return closing.waiting_prizes

    @display(description=_("out of gifts"))
    def out_of_gifts(self, closing: Any) -> int:
        return closing.out_of_gifts_prizes

    def has_grant_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaigns.grant_rankprize")

    @admin.action(description=_("Grant what was out of gifts"), permissions=["grant"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[BoardClosing]) -> None:
        now = timezone.now()
        found = sum([rank_prizes.try_again(each, by=request.user, now=now) for each in queryset])
        words = ngettext("%d prize is being granted.", "%d prizes are being granted.", found) % found
        self.message_user(request, words if found else _("Nothing was out of gifts."), messages.INFO)


@admin.register(RankPrize)
class RankPrizeAdmin(ReadOnlyAdmin):
    list_display = ["rank", "member", "score", "prize", "shown_state", "granted_at", "board"]
    list_display_links = ["rank", "member"]
    list_filter = ["state", "closing__campaign"]
    list_select_related = ["enrolment__member", "closing__campaign"]
    search_fields = ["enrolment__member__uid__exact"]
    search_help_text = _("The member's uid")
    fields = [("board", "rank"), ("member", "score"), ("prize", "shown_state"), "granted_at"]

    @display(description=_("member"))
    def member(self, prize: RankPrize) -> str:
        return prize.enrolment.member.uid

    @display(description=_("leaderboard"))
    def board(self, prize: RankPrize) -> str:
        return str(prize.closing)

    @display(description=_("prize"))
    def prize(self, prize: RankPrize) -> str:
        reward = parse_reward(prize.reward)
        # Its gift is named by its key here: a list does not ask for each row.
        return listed(chip.text for chip in chips(reward, {reward.gift: reward.gift} if reward.gift else {}))

    @display(description=_("state"), ordering="state", label=STATE_COLOURS)
    def shown_state(self, prize: RankPrize) -> tuple[str, str]:
        return prize.state, prize.get_state_display()
