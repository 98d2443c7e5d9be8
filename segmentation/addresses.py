"""Where the admin shows a segment: packages have pages of their own."""

from django.urls import reverse

from segmentation.models import Segment


def page_of(segment: Segment) -> str:
    model = "package" if segment.kind == Segment.Kind.PACKAGE else "segment"
    return reverse(f"admin:segmentation_{model}_change", args=[segment.pk])
