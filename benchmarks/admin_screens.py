"""The screens of the admin that are no lists: what each is called, and its address, for `benchmarks.admin_lists`."""

from collections.abc import Iterator
from datetime import timedelta

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from campaigns.building.steps import STEPS
from campaigns.kept_crowds import crowds
from campaigns.made_up import Profile
from campaigns.models import Campaign
from campaigns.sandbox import World
from members.models import Member

# Audiences as somebody ticks them, in a form whose field is called "audience".
TICKED = {
    "everyone": {},
    "a level": {"audience_levels": ["paid"]},
    "a tag group, a segment and none of a segment": {
        "audience_tag_groups": ["spending-power"],
        "audience_segments_in": ["high-value"],
        "audience_segments_not_in": ["sleeping"],
    },
    "a score": {"audience_score_from": ["1"]},
}


def forget() -> None:
    """Let the next page be the first that anybody opens."""
    cache.clear()
    crowds.clear()


def screens() -> Iterator[tuple[str, str]]:
    """Yield (what, address) of the pages that are opened."""
    yield "home", reverse("admin:index")
    yield "approvals", reverse("admin:operations_approvalrequest_changelist")
    largest = Campaign.objects.filter(state="live").earliest("pk")
    yield from _of_campaign(largest)
    member = Member.objects.latest("pk")
    yield "member", reverse("admin:members_member_change", args=[member.pk])
    yield "member's timeline", reverse("admin:members_member_timeline", args=[member.pk])
    yield "roles", reverse("roles")


def _of_campaign(campaign: Campaign) -> Iterator[tuple[str, str]]:
    def page(name: str, *more: object) -> str:
        return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk, *more])

    yield "campaign", page("change")
    yield "campaign's figures, behind its page", page("figures")
    yield "campaign's reach, behind the home page", page("reach")
    for step in STEPS:
        yield f"builder: {step.key}", page("build_step", step.key)
    for name in ("rehearsal", "review", "revisions", "features"):
        yield name, page(name)
    yield "preview, nobody yet", page("preview")
    now = timezone.now()
    for what, world in {
        "preview, a member": World(campaign.pk, False, now, member_id=Member.objects.latest("pk").pk),
        "preview, made up, in a week": World(campaign.pk, False, now + timedelta(days=7), profile=Profile()),
    }.items():
        yield what, f"{page('preview')}?world={world.token()}"


def counts() -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield (what, address, data) of the counts beside an audience field."""
    address = reverse("admin:campaigns_audience_count")
    of_campaign = {"of_campaign": str(Campaign.objects.filter(state="live").earliest("pk").pk)}
    for what, ticked in TICKED.items():
        yield f"audience count: {what}", address, {**ticked, **of_campaign}
