"""Settings, all from the environment. Unset, each has the value that is safe in production."""

import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import logs
from config.admin_site import UNFOLD  # noqa: F401 (unfold reads it here)
from operations import four_eyes, kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"

env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
# `make run` serves http on loopback: the one case in which cookies may travel in the clear.
LOCAL_HTTP = env.bool("LOCAL_HTTP", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret.read_or_create(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Phone and email of members: the first seals, all of them open. None: SECRET_KEY and its fallbacks do.
PERSONAL_DATA_KEYS = env.list("PERSONAL_DATA_KEYS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# How many proxies stand before the web server; each adds to X-Forwarded-For and the first sets X-Forwarded-Proto.
PROXIES = env.int("PROXIES", default=0)
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not LOCAL_HTTP
SECURE_HSTS_SECONDS = 0 if LOCAL_HTTP else env.int("HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=True)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not LOCAL_HTTP
# A session of the admin ends after so many minutes without a request, and so many hours after signing in.
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=60)
SESSION_HOURS = env.int("SESSION_HOURS", default=12)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.error_pages.csrf_failure"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "django_q",
    "django_htmx",
    "django_structlog",
    "axes",
    "csp",
    "operations",
    "members",
    "segmentation",
    "rewards",
    "campaigns",
    "demo",
    # Last: its admin replaces screens that the others registered.
    "config",
]

MIDDLEWARE = [
    "config.health.Health",
    "csp.middleware.CSPMiddleware",
    "config.security_headers.SecurityHeaders",
    "config.nul_refused.NulRefusedByAdmin",
    "config.compression.Compression",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.largest_upload.LargestUpload",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.api_bodies.ApiBodies",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "operations.sign_in.gate.Gate",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.answered_forms.AnsweredForms",
    "config.access_log.AccessLog",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "config.unfold_templates.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.participants.unread_messages",
            ],
        },
    },
]

# Without DATABASE_URL a private server is started, or joined, at the first connection.
PRIVATE_SERVER = {"ENGINE": "config.embedded_backend", "NAME": "qianmian"}
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL") if env.str("DATABASE_URL", default="") else PRIVATE_SERVER
}
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
# For `operations.prepared` only: Django's own cursors never prepare. What is prepared is planned once, not by its
# arguments (a member's facts: 0.3 ms instead of 1.2). Off behind a pooler that does not know prepared statements.
if env.bool("PREPARED_STATEMENTS", default=True):
    PREPARED = {"prepare_threshold": 0, "options": "-c plan_cache_mode=force_generic_plan"}
    DATABASES["default"]["OPTIONS"] = PREPARED | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "operations.sign_in.user_backend.Users",
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "config.error_pages.too_many_attempts"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "operations.addresses.known_address_of"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
# The second: what unfold, axes and the API key library leave in English.
FORMAT_MODULE_PATH = "config.formats"
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale_unfold"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_TZ = True
# The currency of orders that name none.
CURRENCY = env.str("CURRENCY", default="CNY")
# Where the shop signs its members in, for whoever opens a friend's link: "{next}" becomes the page to come back to.
SHOP_SIGN_IN_URL = env.str("SHOP_SIGN_IN_URL", default="")
# Whether the participants' pages keep a page for who has no network on the phone, by a service worker.
OFFLINE_PAGES = env.bool("OFFLINE_PAGES", default=True)
# The most that one prize of a lottery may be worth, in CURRENCY; the law of mainland China says 50,000. Empty: no cap.
LOTTERY_PRIZE_CAP = Decimal(cap) if (cap := env.str("LOTTERY_PRIZE_CAP", default="50000")) else None
# Whether a prize pool that is drawn from may be changed against its participants by whoever may publish it.
DRAWS_MAY_WORSEN = env.bool("DRAWS_MAY_WORSEN", default=False)
# Whether a campaign goes live only when a second person has approved it. Without it, who may publish does so alone.
# `no` is the same as FOUR_EYES without publishing.
CAMPAIGN_REVIEW = env.bool("CAMPAIGN_REVIEW", default=True)
# Which changes need a second person: all, none, or of `operations.four_eyes.AREAS` with commas between.
FOUR_EYES = four_eyes.parse(env.str("FOUR_EYES", default="all"))
# Where members have identities: columns `identity.…` of their rows.
IDENTITY_PROVIDERS = env.list(
    "IDENTITY_PROVIDERS", default=["wechat-openid", "wechat-unionid", "wecom", "alipay", "douyin"]
)

# The official account (公众号) by which members sign in and pages are shared within WeChat. Empty: pages do without.
WECHAT_APP_ID = env.str("WECHAT_APP_ID", default="")
WECHAT_APP_SECRET = env.str("WECHAT_APP_SECRET", default="")
WECHAT_API_URL = env.str("WECHAT_API_URL", default="https://api.weixin.qq.com")
WECHAT_AUTHORIZE_URL = env.str("WECHAT_AUTHORIZE_URL", default="https://open.weixin.qq.com/connect/oauth2/authorize")
WECHAT_SDK_URL = env.str("WECHAT_SDK_URL", default="https://res.wx.qq.com/open/js/jweixin-1.6.0.js")
# snsapi_base asks nobody and tells the openid; snsapi_userinfo asks, and tells the nickname and the unionid too.
WECHAT_SCOPE = env.str("WECHAT_SCOPE", default="snsapi_base")
# What becomes of somebody whom WeChat knows and the shop does not: "refuse", or "create" a member.
WECHAT_NEW_MEMBERS = env.str("WECHAT_NEW_MEMBERS", default="refuse")

# Who pays red packets out: {name: {"kind": "manual"|"http"|"sandbox"|a class, its options}}. Secrets are among them.
DELIVERY_PROVIDERS = env.json(
    "DELIVERY_PROVIDERS", default={"manual": {}} | ({"sandbox": {}} if DEBUG or LOCAL_HTTP else {})
)

# Whether webhooks go over plain http and into private networks too: to try them out on one machine, no more.
WEBHOOKS_TO_PRIVATE = env.bool("WEBHOOKS_TO_PRIVATE", default=False)

# Months of behaviour events in the table, besides this one; what is older stands in archives of its own.
EVENT_MONTHS_KEPT = env.int("EVENT_MONTHS_KEPT", default=24)

# Columns of facts on this machine's disk, from which segments are counted. Empty: PostgreSQL answers alone.
FACTS_DIR = env.str("FACTS_DIR", default=str(DATA_DIR / "facts"))
# Megabytes of answers to clauses that each process keeps.
KEPT_ANSWERS_MB = env.int("KEPT_ANSWERS_MB", default=64)

# Limits against cheats, 0: none. Moves are counted by the window, accounts over the days (`campaigns.fraud_limits`).
FRAUD_LIMITS = env.bool("FRAUD_LIMITS", default=True)
FRAUD_WINDOW_SECONDS = env.int("FRAUD_WINDOW_SECONDS", default=60)
FRAUD_MEMBER_MOVES = env.int("FRAUD_MEMBER_MOVES", default=60)
FRAUD_DEVICE_MOVES = env.int("FRAUD_DEVICE_MOVES", default=120)
# Everybody in a shop, an office or a network of a mobile carrier may come from one address.
FRAUD_ADDRESS_MOVES = env.int("FRAUD_ADDRESS_MOVES", default=3000)
FRAUD_DEVICE_ACCOUNTS = env.int("FRAUD_DEVICE_ACCOUNTS", default=3)
FRAUD_DEVICE_DAYS = env.int("FRAUD_DEVICE_DAYS", default=30)
FRAUD_INVITE_SAME_DEVICE = env.bool("FRAUD_INVITE_SAME_DEVICE", default=True)
# Households, and shops that invite their guests at the counter, share one: asked for, it is kept for a day.
FRAUD_INVITE_SAME_ADDRESS = env.bool("FRAUD_INVITE_SAME_ADDRESS", default=False)
FRAUD_KEEP_DAYS = env.int("FRAUD_KEEP_DAYS", default=90)

# In the memory of each web process. The second holds parts of pages that are alike for everyone.
LOCAL_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": LOCAL_MEMORY},
    "fragments": {"BACKEND": LOCAL_MEMORY, "LOCATION": "fragments", "OPTIONS": {"MAX_ENTRIES": 2_000}},
}

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.static_files.StaticFiles",
        # Whoever collects them need not be the user who serves them, and everybody may read them.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}

# Uploaded files hold members' data: no URL leads to them, and only this user reads them. Web and workers share them.
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "media"))
# The typeface of posters: a font file with Chinese (a second one: its bold), "none": without words. Empty: found.
POSTER_FONT = env.list("POSTER_FONT", default=[])
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# A file to import, and its rejected rows, are deleted so many days after the import has ended.
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=30)
# Files of a segment's members are deleted so many days after they were written.
EXPORT_KEEP_DAYS = env.int("EXPORT_KEEP_DAYS", default=7)
# Messages in a member's inbox are deleted so many days after they were sent, read or not.
INBOX_KEEP_DAYS = env.int("INBOX_KEEP_DAYS", default=180)
# What webhooks told is deleted, with how it was delivered, so many days after it happened, once nothing of it waits.
WEBHOOK_KEEP_DAYS = env.int("WEBHOOK_KEEP_DAYS", default=30)
IMPORT_LARGEST_MB = env.int("IMPORT_LARGEST_MB", default=2_000)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        # The video of a quiz may lie with whoever hosts it: a film runs nothing.
        "media-src": [SELF, "https:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Where mail to operators goes, such as smtp+tls://user:password@smtp.example.com:587. Empty: none is sent.
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    globals().update(env.email_url("EMAIL_URL"))
    EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="qianmian@localhost")

Q_CLUSTER = {
    "name": "qianmian",
    "orm": "default",
    "broker_class": "operations.carrier.Broker",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": env.int("WORKERS", default=2),
    "bulk": 1,
    "timeout": 60,
    "retry": 240,
    "catch_up": False,
    "ack_failures": True,
    "max_attempts": 1,
    "label": "Django Q",
}

# Calls that are admitted each minute, over all web processes: of an API client (a key may have a bound of its own), and
# those by which it moves value for one member. 0: no bound.
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=300_000)
API_MEMBER_MOVES_PER_MINUTE = env.int("API_MEMBER_MOVES_PER_MINUTE", default=300)

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "config.api_operations.Operation",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "operations.json_only.OneRenderer",
    "DEFAULT_PARSER_CLASSES": ["operations.json_body.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["operations.api_keys.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["operations.api_keys.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["operations.throttling.ClientThrottle", "operations.throttling.MemberThrottle"],
    "EXCEPTION_HANDLER": "operations.api_errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Qianmian",
    "DESCRIPTION": _("Members, orders and events in; segments, eligibility, tasks and draws out."),
    "VERSION": "1",
    # The schemas say what may be null as 3.1 does.
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": ["config.api_schema.complete"],
    # A view without a described answer is a fault of the documentation, not of the deployment.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logs.logging_settings(level=LOG_LEVEL, for_people=sys.stderr.isatty())
logs.configure_structlog()
