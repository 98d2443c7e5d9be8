"""The RFM model that every installation begins with, so that scores are one command away."""

from typing import Any

SLUG = "default"


def create_default_model(**_signal: Any) -> None:
    """Create the model where there is none at all; operators may change it or make others."""
    from segmentation.models import RfmModel

    if not RfmModel.objects.exists():
        RfmModel.objects.create(slug=SLUG, name="RFM", is_default=True)
