"""spool.py and content.py: what becomes durable, how it looks to another user, and what stays behind."""

import errno
import hashlib
import io
import os
import stat

import pytest
from conftest import events, files
from mwdb_plugin_webhooks import content, spool

LINE = b'{"id":"1"}'


def publish(path, name="name", lines=(LINE,), **options):
    with spool.opened(str(path)) as folders:
        folders.publish(name, list(lines), **options)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# --- events ---


def test_a_batch_is_one_file_of_lines(spool_path):
    publish(spool_path, lines=[LINE, b'{"id":"2"}'])
    assert (spool_path / "new" / "name.ndjson").read_bytes() == b'{"id":"1"}\n{"id":"2"}\n'
    assert list((spool_path / "tmp").iterdir()) == []


def test_the_folders_are_made_as_the_spool_is_and_files_are_the_groups_whatever_the_umask(spool_path):
    old = os.umask(0o077)
    try:
        publish(spool_path)
    finally:
        os.umask(old)
    for folder in spool.FOLDERS:
        assert mode(spool_path / folder) == 0o2770
    assert mode(files(spool_path)[0]) == 0o640


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another group")
def test_files_get_the_spools_group(spool_path):
    os.chown(spool_path, -1, 12345)
    spool_path.chmod(0o2770)
    publish(spool_path)
    assert files(spool_path)[0].stat().st_gid == 12345


def test_a_missing_spool_is_not_made(tmp_path):
    with pytest.raises(spool.SpoolError, match="is missing"):
        publish(tmp_path / "spool")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", spool.FOLDERS)
def test_no_link_stands_in_for_a_folder(spool_path, tmp_path, folder):
    (tmp_path / "elsewhere").mkdir()
    (spool_path / folder).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError) as caught:
        publish(spool_path)
    assert caught.value.errno in (errno.ELOOP, errno.ENOTDIR)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert "links" in spool.remedy(caught.value, str(spool_path))


def test_a_link_at_the_temporary_name_is_replaced_and_not_followed(spool_path, tmp_path):
    publish(spool_path, "first")
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (spool_path / "tmp" / "name.ndjson").symlink_to(victim)
    publish(spool_path)
    assert victim.read_bytes() == b"precious"
    assert not files(spool_path)[1].is_symlink()


def test_an_interrupted_write_leaves_nothing_and_can_be_repeated(spool_path):
    def interrupt():
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        publish(spool_path, before_rename=interrupt)
    assert files(spool_path) == []
    assert list((spool_path / "tmp").iterdir()) == []
    publish(spool_path)
    publish(spool_path)
    assert len(files(spool_path)) == 1


def test_a_failing_fsync_leaves_no_event(spool_path, monkeypatch):
    publish(spool_path, "first")

    def fail(descriptor):
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError):
        publish(spool_path)
    assert [file.name for file in files(spool_path)] == ["first.ndjson"]
    assert list((spool_path / "tmp").iterdir()) == []


def test_a_failing_fsync_of_the_folder_is_not_called_durable(spool_path, monkeypatch):
    publish(spool_path, "first")
    real = os.fsync

    def fail(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "I/O error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(spool.SpoolError, match="not known to be durable"):
        publish(spool_path)


def test_a_short_write_goes_on_and_a_full_disk_is_an_error(spool_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:3])))
    publish(spool_path, "short")
    assert events(spool_path) == [{"id": "1"}]

    def full(descriptor, data):
        if len(data) > 5:
            return real(descriptor, bytes(data[:5]))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError):
        publish(spool_path, "full")
    assert len(files(spool_path)) == 1
    assert list((spool_path / "tmp").iterdir()) == []


def test_nothing_stays_open(spool_path):
    publish(spool_path, "first")
    before = len(os.listdir("/proc/self/fd"))
    publish(spool_path)
    with pytest.raises(SystemExit), spool.opened(str(spool_path)):
        raise SystemExit
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    "error, text",
    [
        (spool.SpoolError("the spool /x is missing"), "install -d -m 2770"),
        (spool.SpoolError("5 bytes are free, which is less than …"), "make room"),
        (OSError(errno.ENOSPC, ""), "make room"),
        (PermissionError(errno.EACCES, ""), "chmod 2770"),
        (OSError(errno.EROFS, ""), "writable"),
        (ValueError("x"), "/x"),
    ],
)
def test_every_reason_has_a_remedy(error, text):
    assert text in spool.remedy(error, "/x")
    assert spool.reason(error)


# --- samples ---

SAMPLE = b"MZ sample"
SHA256 = hashlib.sha256(SAMPLE).hexdigest()


class Store:
    """A sample in MWDB's own storage."""

    def __init__(self, folder, data=SAMPLE):
        folder.mkdir(exist_ok=True)
        self.path = folder / SHA256
        self.path.write_bytes(data)
        self.path.chmod(0o644)
        self.opened = 0

    def open(self):
        self.opened += 1
        return open(self.path, "rb")

    def sample(self, **changes):
        return content.Sample(**{"sha256": SHA256, "size": len(SAMPLE), "open": self.open, "on_disk": True, **changes})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "uploads")


def place(path, sample, limit=1000, room=1 << 30):
    with spool.opened(str(path)) as folders:
        done = content.place(folders, sample, "name.0", limit, room)
    assert list((path / "tmp").iterdir()) == []
    return done


def test_a_sample_is_linked_not_copied(spool_path, store):
    assert place(spool_path, store.sample(), limit=0, room=0)
    assert (spool_path / "content" / SHA256).stat().st_ino == store.path.stat().st_ino
    assert mode(store.path) == 0o644


def test_the_link_is_fresh_each_time_so_that_the_daemon_keeps_it(spool_path, store):
    place(spool_path, store.sample())
    before = (spool_path / "content" / SHA256).stat().st_ctime_ns
    assert place(spool_path, store.sample())
    after = (spool_path / "content" / SHA256).stat()
    assert after.st_ctime_ns > before
    assert after.st_nlink == 2


def test_on_another_mount_it_is_copied_within_the_limit(spool_path, small_disk):
    store = Store(small_disk / "uploads")
    assert not place(spool_path, store.sample(), limit=len(SAMPLE) - 1)
    assert not (spool_path / "content" / SHA256).exists()
    assert place(spool_path, store.sample(), limit=len(SAMPLE))
    copy = spool_path / "content" / SHA256
    assert copy.read_bytes() == SAMPLE
    assert mode(copy) == 0o640
    assert place(spool_path, store.sample(), limit=None)


def test_a_copy_that_is_there_is_linked_anew_and_not_copied_again(spool_path, small_disk):
    store = Store(small_disk / "uploads")
    place(spool_path, store.sample())
    before = (spool_path / "content" / SHA256).stat()
    assert place(spool_path, store.sample(), limit=0)
    after = (spool_path / "content" / SHA256).stat()
    assert after.st_ino == before.st_ino
    assert after.st_ctime_ns > before.st_ctime_ns
    # A damaged one is not.
    os.truncate(spool_path / "content" / SHA256, 3)
    assert place(spool_path, store.sample())
    assert (spool_path / "content" / SHA256).read_bytes() == SAMPLE


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make files of others")
def test_a_file_that_the_daemon_could_not_read_is_copied(spool_path, store):
    os.chown(store.path, 12345, 12345)
    store.path.chmod(0o600)
    assert place(spool_path, store.sample())
    copy = (spool_path / "content" / SHA256).stat()
    assert copy.st_ino != store.path.stat().st_ino
    assert stat.S_IMODE(copy.st_mode) == 0o640
    assert mode(store.path) == 0o600


@pytest.mark.parametrize("number", [errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP])
def test_where_linking_is_refused_it_is_copied(spool_path, store, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    assert place(spool_path, store.sample())
    assert (spool_path / "content" / SHA256).stat().st_ino != store.path.stat().st_ino


def test_what_mwdb_is_just_writing_is_left_to_be_fetched(spool_path, tmp_path):
    for data in (SAMPLE[:-1], SAMPLE + b"x"):
        store = Store(tmp_path / "uploads", data)
        assert not place(spool_path, store.sample())
        assert not place(spool_path, store.sample(open=lambda data=data: io.BytesIO(data)))
    assert list((spool_path / "content").iterdir()) == []


def test_a_sample_elsewhere_is_downloaded_within_the_limit_only(spool_path, store):
    assert not place(spool_path, store.sample(on_disk=False), limit=3)
    assert not place(spool_path, store.sample(on_disk=False), room=3)
    assert store.opened == 0
    assert place(spool_path, store.sample(on_disk=False))
    assert (spool_path / "content" / SHA256).stat().st_ino != store.path.stat().st_ino
    # What content/ holds spares the download.
    assert place(spool_path, store.sample(on_disk=False))
    assert store.opened == 1


@pytest.mark.parametrize("name", ["../" + SHA256, SHA256.upper(), SHA256 + "\n", "", "a" * 63, "é" * 64])
def test_only_a_sha256_is_a_name(spool_path, store, name):
    with pytest.raises(spool.SpoolError):
        place(spool_path, store.sample(sha256=name))
    assert store.opened == 0


def test_a_copy_that_fails_leaves_nothing(spool_path, store, monkeypatch):
    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError):
        place(spool_path, store.sample(on_disk=False))
    assert list((spool_path / "tmp").iterdir()) == []
    assert list((spool_path / "content").iterdir()) == []


def test_a_link_in_place_of_the_content_is_replaced(spool_path, store, tmp_path):
    place(spool_path, store.sample())
    target = spool_path / "content" / SHA256
    target.unlink()
    target.symlink_to(tmp_path / "victim")
    assert place(spool_path, store.sample())
    assert not target.is_symlink()
