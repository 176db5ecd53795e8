"""Keys that `up` makes are kept, and are nobody else's to read."""

import itertools

from deploy.secret_files import kept, new_api_key, write_private


def test_a_secret_is_made_once(tmp_path):
    numbers = itertools.count()
    made = [kept(tmp_path / "key", lambda: str(next(numbers))) for _ in range(3)]
    assert made == ["0", "0", "0"]


def test_only_the_owner_can_read_it(tmp_path):
    kept(tmp_path / "key", new_api_key)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_rights_that_were_wider_are_not_taken_over(tmp_path):
    (tmp_path / "redis.url").write_text("old")
    (tmp_path / "redis.url").chmod(0o644)
    write_private(tmp_path / "redis.url", "new")
    assert (tmp_path / "redis.url").read_text() == "new\n"
    assert (tmp_path / "redis.url").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["redis.url"]


def test_keys_differ():
    assert new_api_key() != new_api_key()
