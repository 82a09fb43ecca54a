"""subscriptions.py: what the daemon wants, and what is written when it does not say."""

import json
import os

import pytest
from conftest import subscribe
from mwdb_plugin_webhooks.subscriptions import SubscriptionsFile


def wants(subscriptions, *hooks):
    return [subscriptions.wants(hook) for hook in hooks], [subscriptions.wants_content(hook) for hook in hooks]


def assert_default(subscriptions):
    assert wants(subscriptions, "on_created_file", "on_created_object", "on_created_tag", "on_new") == (
        [True, True, True, True],
        [True, True, False, False],
    )
    assert subscriptions.copy_limit == 16_000_000
    assert subscriptions.min_free_space == 1_000_000_000


def test_without_the_file_all_events_and_the_content_of_created_ones(tmp_path):
    assert_default(SubscriptionsFile(str(tmp_path)).current())
    assert_default(SubscriptionsFile(str(tmp_path / "missing")).current())


def test_only_what_is_listed(tmp_path):
    subscribe(
        tmp_path,
        hooks=["on_created_file", "on_created_tag"],
        content=["on_created_file"],
        copy_limit=5,
        min_free_space=7,
    )
    found = SubscriptionsFile(str(tmp_path)).current()
    assert wants(found, "on_created_file", "on_created_tag", "on_created_object") == (
        [True, True, False],
        [True, False, False],
    )
    assert (found.copy_limit, found.min_free_space) == (5, 7)


def test_nothing_and_everything(tmp_path):
    subscribe(tmp_path, hooks=[], content=[])
    assert wants(SubscriptionsFile(str(tmp_path)).current(), "on_created_file") == ([False], [False])
    subscribe(tmp_path, hooks="*", content=["*"], copy_limit=None)
    found = SubscriptionsFile(str(tmp_path)).current()
    assert wants(found, "on_created_file", "on_new") == ([True, True], [True, True])
    assert found.copy_limit is None


def test_globs_also_match_hooks_that_a_newer_mwdb_invents(tmp_path):
    subscribe(tmp_path, hooks=["on_created_*", "*_tag", "on_removed.file"], content=["on_*_file"])
    found = SubscriptionsFile(str(tmp_path)).current()
    hooks = "on_created_file on_created_memory on_removed_tag on_removed_file on_removed_user".split()
    assert wants(found, *hooks) == ([True, True, True, False, False], [True, False, False, True, False])


def test_a_change_is_seen_and_an_unchanged_file_is_not_read_again(tmp_path, monkeypatch):
    subscribe(tmp_path, hooks=["on_created_file"])
    file = SubscriptionsFile(str(tmp_path))
    first = file.current()
    monkeypatch.setattr(SubscriptionsFile, "_read", lambda self: pytest.fail("read again"))
    assert file.current() is first
    monkeypatch.undo()
    # The same size and the same mtime: the rename's new inode tells.
    before = os.stat(tmp_path / "subscriptions.json")
    subscribe(tmp_path, hooks=["on_removed_file"])
    os.utime(tmp_path / "subscriptions.json", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert wants(file.current(), "on_created_file", "on_removed_file")[0] == [False, True]
    (tmp_path / "subscriptions.json").unlink()
    assert_default(file.current())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 2, "hooks": [], "content": []}',
        '{"version": 1, "hooks": "on_created_file", "content": []}',
        '{"version": 1, "content": []}',
        '{"version": 1, "hooks": [1], "content": []}',
        '{"version": 1, "hooks": [], "content": [], "copy_limit": -1}',
        '{"version": 1, "hooks": [], "content": [], "copy_limit": true}',
        '{"version": 1, "hooks": [], "content": [], "min_free_space": "1GB"}',
        "[" * 200_000,
        '{"version": 1, "hooks": [], "content": [], "x": "%s"}' % ("x" * (1 << 20)),
    ],
)
def test_what_cannot_be_used_means_everything(tmp_path, text):
    (tmp_path / "subscriptions.json").write_text(text)
    assert_default(SubscriptionsFile(str(tmp_path)).current())


def test_no_link_is_followed_and_no_pipe_is_waited_for(tmp_path):
    (tmp_path / "elsewhere").write_text(json.dumps({"version": 1, "hooks": [], "content": []}))
    (tmp_path / "subscriptions.json").symlink_to(tmp_path / "elsewhere")
    assert_default(SubscriptionsFile(str(tmp_path)).current())
    (tmp_path / "subscriptions.json").unlink()
    os.mkfifo(tmp_path / "subscriptions.json")
    assert_default(SubscriptionsFile(str(tmp_path)).current())


def test_unknown_keys_are_a_newer_daemons(tmp_path):
    subscribe(tmp_path, hooks=["on_created_file"], later={"a": 1})
    assert wants(SubscriptionsFile(str(tmp_path)).current(), "on_created_tag")[0] == [False]
