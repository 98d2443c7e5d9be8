import stat
from concurrent.futures import ThreadPoolExecutor

from operations.kept_secret import read_or_create


def test_a_secret_is_made_once_and_is_the_same_for_all_who_ask_at_once(tmp_path):
    path = tmp_path / "deep" / "secret"
    with ThreadPoolExecutor(20) as threads:
        read = set(threads.map(lambda _each: read_or_create(path), range(100)))
    assert len(read) == 1
    assert len(read.pop()) >= 64
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_only_its_owner_reads_a_secret(tmp_path):
    read_or_create(tmp_path / "secret")
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
