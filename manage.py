#!/usr/bin/env python
"""Run Django's management commands for Qianmian."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except SystemExit as end:
        # argparse ends with 2 where its arguments are bad; every command of ours says 1.
        sys.exit(1 if end.code == 2 else end.code)
    except BrokenPipeError:
        # Whoever read our output has seen enough, such as `export_rfm default | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
