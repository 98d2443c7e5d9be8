"""What every feature of a campaign looks like to the rest of the house."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise

from campaigns.definition import Audience, Reward
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm


class Feature:
    """A module `campaigns/features/NAME.py` ends with `FEATURE = …()`, an instance of a subclass."""

    LABEL: ClassVar[Promise]
    # What operators fill in; None where the campaign's page has another way to edit it.
    Form: ClassVar[type[ConfigForm] | None] = None

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        """Everything that is wrong with the configuration; empty when a campaign with it can be published."""
        raise NotImplementedError

    def audiences(self, config: Mapping[str, Any]) -> Iterator[Audience]:
        """Every audience in the configuration: their segments are loaded with a member's facts, their names in use."""
        yield from ()

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        """Every reward in the configuration: its gifts, tags and pools are in use."""
        yield from ()
