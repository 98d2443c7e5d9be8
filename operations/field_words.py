"""Help for the fields of API keys and webhooks, in a sentence each."""

from django.utils.translation import gettext_lazy as _

HELP = {
    "ApiKey": {"calls_per_minute": _("More calls than these are refused. Empty: the limit of the house.")},
    "WebhookEndpoint": {"name": _("What operators call the receiver.")},
}
