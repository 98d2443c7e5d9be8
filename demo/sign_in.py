"""How to get in: an administrator for the admin, and links that sign members in on the H5 pages."""

import time
from pathlib import Path
from uuid import uuid4

import jwt
from django.conf import settings
from django.contrib.auth.models import User

from demo.campaign import SLUG
from operations import kept_secret
from operations.api_keys import create_api_key, signing_secret
from operations.models import ApiKey

CLIENT = "demo-shop"
MINUTES = 10


def administrator() -> tuple[str, str]:
    """Return name and password of the demo's administrator. The password is made once and lies in the data folder."""
    password = kept_secret.read_or_create(Path(settings.DATA_DIR) / "demo_admin_password")[:16]
    user, created = User.objects.get_or_create(
        username="admin", defaults={"is_staff": True, "is_superuser": True, "email": "admin@example.com"}
    )
    if created:
        user.set_password(password)
        user.save(update_fields=["password"])
    return user.username, password


def make_client() -> None:
    create_api_key(CLIENT, ApiKey.Scope.values)


def link(uid: str, *, base: str) -> str:
    """Return an address that signs the member in once, within ten minutes, and opens the campaign."""
    key = ApiKey.objects.get_usable_keys().filter(name=CLIENT).first()
    if key is None or (secret := signing_secret(key.prefix)) is None:
        raise RuntimeError(f"the API key {CLIENT!r} of the demo is gone")
    claims = {"sub": uid, "aud": "h5", "exp": int(time.time()) + MINUTES * 60 - 5, "jti": str(uuid4())}
    token = jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key.prefix})
    return f"{base}/h5/enter/?token={token}&next=/h5/c/{SLUG}/"
