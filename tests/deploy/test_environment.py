"""A step of the set-up runs once, and again after an interruption or a change of what goes into it."""

import fcntl

import pytest

from deploy import environment
from deploy.environment import ensure_environment, installation_notice, only_set_up
from deploy.folders import Folders
from deploy.installer import SetupError


@pytest.fixture
def folders(tmp_path):
    return Folders(tmp_path / "home")


@pytest.fixture
def steps(folders, tmp_path, monkeypatch):
    """The steps that are run, in their order, without running them."""
    done = []
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path)
    (tmp_path / "run.txt").write_text("run==1")
    (tmp_path / "dev.txt").write_text("dev==1")
    (tmp_path / "otel.txt").write_text("otel==1")

    def create(folders):
        done.append("create")
        environment.shutil.rmtree(folders.venv, ignore_errors=True)
        folders.python.parent.mkdir(parents=True)
        folders.python.touch()

    monkeypatch.setattr(environment, "create", create)
    monkeypatch.setattr(environment, "install", lambda folders, pins, title: done.append(pins.stem))
    monkeypatch.setattr(environment, "install_project", lambda folders: done.append("project"))
    return done


def run(folders, steps, **extras):
    steps.clear()
    ensure_environment(folders, **extras)
    return list(steps)


def test_a_second_start_does_nothing(folders, steps):
    assert run(folders, steps) == ["create", "run", "project"]
    assert run(folders, steps) == []


def test_the_tools_of_the_tests_come_on_top(folders, steps):
    run(folders, steps)
    assert run(folders, steps, dev=True) == ["dev"]
    assert run(folders, steps, dev=True) == []
    assert run(folders, steps) == []


def test_opentelemetry_comes_where_it_is_asked_for(folders, steps):
    assert run(folders, steps, traced=True) == ["create", "run", "otel", "project"]
    assert run(folders, steps, traced=True) == []


def test_changed_pins_make_a_new_environment(folders, steps, tmp_path):
    run(folders, steps, dev=True)
    (tmp_path / "run.txt").write_text("run==2")
    assert run(folders, steps, dev=True) == ["create", "run", "dev", "project"]


def test_an_environment_without_its_python_is_made_anew(folders, steps):
    run(folders, steps)
    folders.python.unlink()
    assert run(folders, steps) == ["create", "run", "project"]


def test_a_moved_environment_is_made_anew(folders, steps, tmp_path):
    run(folders, steps)
    folders.home.rename(tmp_path / "elsewhere")
    assert run(Folders(tmp_path / "elsewhere"), steps) == ["create", "run", "project"]


def test_an_interrupted_step_is_done_again(folders, steps, monkeypatch):
    def interrupted(folders, pins, title):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ensure_environment(folders, dev=False)
    assert run(folders, steps) == ["create", "run", "project"]


def test_an_environment_in_use_is_not_removed(folders):
    folders.venv.mkdir(parents=True)
    with folders.up_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SetupError, match="stop it first"):
            environment.create(folders)
    assert folders.venv.exists()


def test_downloads_are_gone_after_a_set_up_that_failed(folders):
    def fail():
        with only_set_up(folders):
            folders.temporary.mkdir()
            (folders.temporary / "half.whl").touch()
            raise SetupError

    with pytest.raises(SetupError):
        fail()
    assert not folders.temporary.exists()


def test_shows_how_many_packages_are_there(tmp_path):
    # Those that were there before do not count.
    (tmp_path / "lib/python3.11/site-packages/pip-1.0.dist-info").mkdir(parents=True)
    notice = installation_notice(4, tmp_path)
    assert notice("Collecting numpy==2.3.5 (from -r run.txt (line 9))") == "25 % downloaded (numpy)"
    assert notice("  Downloading numpy-2.3.5.whl (18 MB)") is None
    assert notice("Requirement already satisfied: pip==1.0 in somewhere") == "50 % downloaded (pip)"
    assert notice("Installing collected packages: a, b, c") == "0 of 4 installed"
    (tmp_path / "lib/python3.11/site-packages/a-1.0.dist-info").mkdir()
    assert notice("") == "1 of 4 installed"
