"""What the members of a campaign have done so far, asked only as far as a rule wants to know."""

from django.db.models import Max

from campaigns.models import Campaign, ChainProgress, Completion, Enrolment, OfferCoupon, Progress, Reservation


class Played:
    """`campaigns.revision_rules.Played`, read from the database."""

    def __init__(self, campaign: Campaign) -> None:
        self._enrolments = Enrolment.objects.filter(campaign=campaign)
        self._in = {"enrolment__campaign": campaign}

    @property
    def anybody(self) -> bool:
        return self._enrolments.exists()

    def task(self, key: str) -> bool:
        done = {**self._in, "task_key": key}
        return Progress.objects.filter(**done).exists() or Completion.objects.filter(**done).exists()

    def chain(self, key: str) -> int:
        furthest = ChainProgress.objects.filter(**self._in, chain_key=key).aggregate(step=Max("step"))["step"]
        return furthest or 0

    def offer(self, key: str) -> bool:
        mine = {**self._in, "offer_key": key}
        return Reservation.objects.filter(**mine).exists() or OfferCoupon.objects.filter(**mine).exists()
