"""Why something about a webhook is refused, or went wrong on its way: the codes and their words."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class WebhookRefusal(StrEnum):
    """Why an endpoint is not saved, or something not sent again."""

    NO_NAME = "webhook_name_missing"
    NAME_TOO_LONG = "webhook_name_too_long"
    NO_EVENTS = "webhook_events_missing"
    UNKNOWN_KIND = "webhook_kind_unknown"
    BAD_SEGMENT = "webhook_segment_unusable"
    TOO_MANY = "webhooks_too_many"
    TOO_LONG = "webhook_address_too_long"
    NO_ADDRESS = "webhook_address_unreadable"
    NOT_HTTPS = "webhook_address_not_https"
    HAS_CREDENTIALS = "webhook_address_has_credentials"
    HAS_FRAGMENT = "webhook_address_has_fragment"
    BAD_HOST = "webhook_host_unusable"
    BAD_PORT = "webhook_port_unusable"
    NOT_PUBLIC = "webhook_address_not_public"
    NOT_ON = "webhook_not_on"
    STILL_WAITING = "webhook_delivery_waiting"
    FORGOTTEN = "webhook_event_forgotten"
    NOT_TOLD = "webhook_event_not_allowed"
    NO_TIME = "webhook_range_empty"


WORDINGS: dict[WebhookRefusal, Promise] = {
    WebhookRefusal.NO_NAME: _("Give the webhook a name."),
    WebhookRefusal.NAME_TOO_LONG: _("The name is longer than 100 characters, or has characters that do not print."),
    WebhookRefusal.NO_EVENTS: _("Choose at least one event."),
    WebhookRefusal.UNKNOWN_KIND: _("There is no such event."),
    WebhookRefusal.BAD_SEGMENT: _("This is not the key of a segment."),
    WebhookRefusal.TOO_MANY: _("This client has as many webhooks as one may have."),
    WebhookRefusal.TOO_LONG: _("The address is longer than 500 characters."),
    WebhookRefusal.NO_ADDRESS: _("This is not an address that begins with https://."),
    WebhookRefusal.NOT_HTTPS: _("The address must begin with https://."),
    WebhookRefusal.HAS_CREDENTIALS: _("The address must not contain a user name or a password."),
    WebhookRefusal.HAS_FRAGMENT: _("The address must not contain a #."),
    WebhookRefusal.BAD_HOST: _("The host of the address is not a valid name; write foreign letters as xn--…."),
    WebhookRefusal.BAD_PORT: _("The port of the address is not a number from 1 to 65535."),
    WebhookRefusal.NOT_PUBLIC: _("The address leads into a private network; webhooks go to public addresses only."),
    WebhookRefusal.NOT_ON: _("The webhook is not on."),
    WebhookRefusal.STILL_WAITING: _("This event still waits to be delivered there."),
    WebhookRefusal.FORGOTTEN: _("What the event told is not kept any more."),
    WebhookRefusal.NOT_TOLD: _("The API client that made the webhook may not be told of this event any more."),
    WebhookRefusal.NO_TIME: _("The end of the time must come after its beginning."),
}


class WebhookRefused(ValueError):
    """What was asked for is refused: `refusal` for machines, the text in the reader's language.

    `field` names what it is about ("" for nothing in particular), `given` the value that is meant, where it helps.
    """

    def __init__(self, refusal: WebhookRefusal, *, field: str = "", given: str = "") -> None:
        super().__init__(refusal.value)
        self.refusal, self.field, self.given = refusal, field, given

    def __str__(self) -> str:
        words = str(WORDINGS[self.refusal])
        return f"{words} ({self.given})" if self.given else words


class BadAddress(WebhookRefused):
    """No webhook is sent to this address."""

    def __init__(self, refusal: WebhookRefusal, *, given: str = "") -> None:
        super().__init__(refusal, field="url", given=given)


class UnknownKind(WebhookRefused):
    """An endpoint was to be told of something that nothing tells of."""

    def __init__(self, given: str) -> None:
        super().__init__(WebhookRefusal.UNKNOWN_KIND, field="events", given=given)


class Fault(StrEnum):
    """Why there was no answer. An attempt's error is one of them, or one of them, ": " and a detail."""

    NO_ADDRESS = "bad_address"
    UNRESOLVED = "unresolved"
    NOT_PUBLIC = "not_public"
    NO_CONNECTION = "no_connection"
    UNTRUSTED = "untrusted"
    BROKEN = "broken"
    TIMED_OUT = "timed_out"
    REDIRECTED = "redirected"
    SECRET_LOST = "secret_lost"  # noqa: S105 - a code
    NOT_ALLOWED = "not_allowed"
    TOO_OLD = "too_old"


class Off(StrEnum):
    """Why an endpoint was switched off by itself, with a detail behind ": " as a Fault; an operator's reason stands in
    words of their own.
    """

    GONE = "gone"
    FAILING = "failing"
    NO_KEY = "no_key"
    NO_WEBHOOKS = "no_webhooks_scope"
    NO_SCOPE = "scope_missing"


_FAULTS: dict[Fault, Promise] = {
    Fault.NO_ADDRESS: _("It is no address to send to"),
    Fault.UNRESOLVED: _("The host's name is not known"),
    Fault.NOT_PUBLIC: _("The address leads into a private network"),
    Fault.NO_CONNECTION: _("No connection"),
    Fault.UNTRUSTED: _("The certificate is not trusted"),
    Fault.BROKEN: _("The connection broke off, or no HTTP was spoken"),
    Fault.TIMED_OUT: _("No answer in time"),
    Fault.REDIRECTED: _("A redirect that is not followed"),
    Fault.SECRET_LOST: _("The secret cannot be read any more: has SECRET_KEY changed? Make a new one"),
    Fault.NOT_ALLOWED: _("The API client that made the webhook may not be told of it any more"),
    Fault.TOO_OLD: _("It waited for longer than events are kept, at a webhook that was paused or off"),
}
_OFF: dict[Off, Promise] = {
    Off.GONE: _("It answered 410: gone for good."),
    Off.FAILING: _("It has taken nothing for three days."),
    Off.NO_KEY: _("The API client that made it has no valid key any more."),
    Off.NO_WEBHOOKS: _("The API client that made it may not manage webhooks any more."),
    Off.NO_SCOPE: _("The API client that made it may not be told of these any more"),
}


def error_words(error: str) -> str:
    """Return an attempt's error, or a delivery's last, for people."""
    code, colon, detail = error.partition(": ")
    if code not in set(Fault):
        return error
    return f"{_FAULTS[Fault(code)]}{colon}{detail}"


def off_words(reason: str) -> str:
    """Return the reason for which an endpoint is off, for people."""
    code, colon, detail = reason.partition(": ")
    return f"{_OFF[Off(code)]}{colon}{detail}" if code in set(Off) else reason
