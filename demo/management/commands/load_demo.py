"""load_demo: the demo shop, and how to get in."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from tqdm import tqdm

from demo import carnival, colleagues, loading, sign_in
from demo.words import say


class Command(BaseCommand):
    help = "Load a believable shop with campaigns in every state, and print how to sign staff and members in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=5_000, help="how many members (default 5,000; at least 200)")
        parser.add_argument("--language", choices=["zh-hans", "en"], default=settings.LANGUAGE_CODE)
        parser.add_argument(
            "--once", action="store_true", help="leave a shop that is there as it is, and print the links"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["members"] < 200:
            raise CommandError("--members: at least 200, so that every kind of member is there")
        with override(options["language"]):
            self._look_for_room()
            self._load(options)
            if loading.is_loaded():
                self._say_how_to_get_in(options["language"])

    def _look_for_room(self) -> None:
        """Refuse before anything is loaded where the passwords of the demo cannot be kept."""
        folder = Path(settings.DATA_DIR)
        there = next(each for each in (folder, *folder.parents) if each.exists())
        if not os.access(there, os.W_OK):
            words = _("The demo keeps its passwords in %(folder)s, where this user may not write.")
            raise CommandError(words % {"folder": folder})

    def _load(self, options: dict[str, Any]) -> None:
        try:
            with tqdm(total=loading.STEPS, desc=_("Demo shop"), disable=None) as bar:
                loading.load(
                    members=options["members"],
                    language=options["language"],
                    now=timezone.localtime(),
                    step=bar.update,
                )
        except loading.AlreadyLoaded:
            if not options["once"]:
                raise CommandError(_("The demo is loaded already.")) from None
        except loading.NotEmpty:
            if not options["once"]:
                raise CommandError(_("There are members here; the demo wants an empty shop.")) from None

    def _say_how_to_get_in(self, language: str) -> None:
        base = os.environ.get("SITE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
        name, password = sign_in.administrator()
        signing_in = {"address": f"{base}/admin/", "name": name, "password": password}
        self.stdout.write(_("Admin: %(address)s   %(name)s / %(password)s") % signing_in)
        self.stdout.write(_("Colleagues, one of each role (what one of them asks for, another approves):"))
        for each in colleagues.listed():
            role = say(f"role.{each.role}", language)
            self.stdout.write(f"  {each.name:<10}  {each.password:<16}  {role}")
        self.stdout.write(_("Members (each link works once, within ten minutes; `load_demo --once` prints new ones):"))
        for level, uid in loading.newcomers().items():
            self.stdout.write(f"  {say(f'level.{level}', language)}  {uid}\n    {sign_in.link(uid, base=base)}")
        address = f"{base}/h5/c/{carnival.SLUG}/"
        self.stdout.write(_("Signed in, they also find a campaign with a task of every kind: %s") % address)
