"""Where in a configuration something is wrong, as people read it: `streaks[0].days` is row 1 of a field of the form."""

import re

from django.forms import Form
from django.utils.translation import gettext as _

from campaigns.kinds.face import ConfigFault
from operations.sentences import listed

_ROWS = re.compile(r"\[(\d+)\]")


def field_of(fault: ConfigFault) -> str:
    """The name of the setting that it is about."""
    return fault.path.partition(".")[0].partition("[")[0]


def worded(fault: ConfigFault, form: type[Form]) -> str:
    """The fault as it is told beside its field: with the row. What has no field stays a path."""
    if field_of(fault) in form.base_fields:
        place = [_("row %(number)d") % {"number": int(each) + 1} for each in _ROWS.findall(fault.path)]
    else:
        place = [fault.path] if fault.path else []
    return (_("%(what)s: ") % {"what": listed(place)} if place else "") + str(fault.message)
