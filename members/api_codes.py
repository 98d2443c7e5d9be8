"""The error codes of this app's API."""

from django.utils.translation import gettext_lazy as _

from members import paid_levels
from operations.error_codes import INVALID, UNKNOWN_MEMBER, Code, Remedy, coded

ROWS = (
    Code("not_a_list", 400, _("The body must be a JSON list of rows.")),
    Code("too_many_rows", 400, _("The list has too many rows."), _("Send at most 5,000 rows at once.")),
    Code("not_an_object", 400, _("A row is not a JSON object.")),
)
PROFILING = (Code("bad_choice", 400, _("The body must be a JSON object with “refused”: true or false.")),)
PURCHASE = (
    INVALID,
    UNKNOWN_MEMBER,
    Code("unknown_level", 404, _("There is no level with this key."), Remedy.NAME),
    *coded(409, paid_levels.WORDINGS),
)
