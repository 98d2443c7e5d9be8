"""The error codes of this app's API."""

from django.utils.translation import gettext_lazy as _

from operations.error_codes import Code, Remedy

NOT_COMPUTED = Code(
    "not_computed", 409, _("The segment, or one that the rule names, is not computed yet."), Remedy.LATER
)
RULE = (
    Code("rule_missing", 400, _("The body must be a JSON object with a “rule”.")),
    Code("bad_rule", 400, _("The rule cannot be used; `fields` names the path of the clause.")),
    NOT_COMPUTED,
)
