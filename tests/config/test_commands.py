"""What every command does with bad arguments, and with a reader that goes away."""

import subprocess
import sys

import pytest


def run(*arguments, **options):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create_api_key", "shop", "--scope", "everything"], "everything"),
        (["simulate_pool", "wheel", "--draws", "many"], "many"),
        (["import_data", "dreams", "file.csv"], "dreams"),
        (["no_such_command"], "no_such_command"),
    ],
)
def test_bad_arguments_end_with_status_1_and_a_line_that_names_them(arguments, said, process_environment):
    ended = run(*arguments, env=process_environment)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_ends_with_status_0(process_environment):
    assert run("import_data", "--help", env=process_environment).returncode == 0
