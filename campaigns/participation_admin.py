"""Who takes part, and what they finished: lists to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Completion, Enrolment
from operations.read_only_admin import ReadOnlyAdmin


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ["member", "campaign", "joined_at", "score"]
    list_filter = ["campaign"]
    list_select_related = ["member", "campaign"]
    search_fields = ["=member__uid"]
    search_help_text = _("The member's uid")
    fields = ["member", "campaign", "joined_at", "score"]


@admin.register(Completion)
class CompletionAdmin(ReadOnlyAdmin):
    list_display = ["member_uid", "campaign_name", "task_key", "period", "completed_at", "rewarded_at"]
    list_filter = ["enrolment__campaign"]
    list_select_related = ["enrolment__member", "enrolment__campaign"]
    search_fields = ["=enrolment__member__uid"]
    search_help_text = _("The member's uid")
    fields = ["member_uid", "campaign_name", "task_key", "period", "completed_at", "rewarded_at"]

    @display(description=_("member"))
    def member_uid(self, completion: Completion) -> str:
        return completion.enrolment.member.uid

    @display(description=_("campaign"))
    def campaign_name(self, completion: Completion) -> str:
        return completion.enrolment.campaign.name
