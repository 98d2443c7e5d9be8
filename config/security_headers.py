"""Headers that Django and django-csp do not set by themselves, and the policy of /admin/."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase

from members.wechat import offering

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
# The page on which the staff of an outlet scan vouchers, and no other.
SCANNING = "/staff/check-off/"
PERMISSIONS_TO_SCAN = PERMISSIONS.replace("camera=()", "camera=(self)")
ADMIN = "/admin/"
# What unfold needs and no more: Alpine evaluates its attributes, and charts and progress bars have style attributes.
# Style elements stay forbidden: the theme's colours are in static/admin/theme.css.
RELAXED_FOR_UNFOLD = {"script-src": [SELF, UNSAFE_EVAL], "style-src-attr": [UNSAFE_INLINE]}


class SecurityHeaders:
    """Middleware, inside django-csp's, which reads the policy that this one puts on an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        scans = request.path_info == SCANNING
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_TO_SCAN if scans else PERMISSIONS)
        if request.path_info.startswith(ADMIN) and not hasattr(response, "_csp_replace"):
            response._csp_replace = RELAXED_FOR_UNFOLD  # type: ignore[attr-defined]
        elif origin := offering.sdk_origin(request):
            # A page that WeChat's browser shows and that can be shared well, with WeChat's own script.
            response._csp_update = {"script-src": [origin]}  # type: ignore[attr-defined]
        return response
