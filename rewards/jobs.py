"""What workers run for rewards."""

from django.utils import timezone

from rewards import level_following


def review_levels() -> None:
    level_following.review_levels(now=timezone.now())
