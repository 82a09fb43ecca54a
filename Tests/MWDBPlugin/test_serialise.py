"""serialise.py: allow-listed fields of MWDB's real models, removed objects included, and no secret."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from mwdb.model import Attribute, AttributeDefinition, Comment, Config, File, Group, Object, Tag, TextBlob, User
from mwdb_plugin_webhooks import serialise
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import make_transient_to_detached

UPLOADED = datetime(2026, 11, 23, 18, 28, 3, 455794)


def a_file(**changes):
    columns = {
        "dhash": "a" * 64,
        "upload_time": UPLOADED,
        "share_3rd_party": True,
        "file_name": "x.exe",
        "file_size": 3,
        "file_type": "data",
        "md5": "b" * 32,
        "sha1": "c" * 40,
        "sha256": "a" * 64,
        "sha512": "d" * 128,
        "crc32": "e" * 8,
        "ssdeep": "3:a:b",
        "alt_names": ["y.exe"],
        "tags": [Tag(tag="first"), Tag(tag="second")],
        **changes,
    }
    return File(**columns)


def detached(model, **columns):
    """As after a removal: no session, and only these columns loaded."""
    value = model(id=1, **columns)
    make_transient_to_detached(value)
    for name in columns:
        setattr(value, name, columns[name])
    return value


def test_a_files_fields_in_their_order(schema):
    data = serialise.arguments({"file": a_file()})
    assert data == {
        "file": {
            "id": "a" * 64,
            "type": "file",
            "upload_time": "2026-11-23T18:28:03.455794+00:00",
            "share_3rd_party": True,
            "file_name": "x.exe",
            "file_size": 3,
            "file_type": "data",
            "md5": "b" * 32,
            "sha1": "c" * 40,
            "sha256": "a" * 64,
            "sha512": "d" * 128,
            "crc32": "e" * 8,
            "ssdeep": "3:a:b",
            "alt_names": ["y.exe"],
            "tags": ["first", "second"],
        }
    }
    assert list(data["file"])[:2] == ["id", "type"]


def test_a_time_with_a_zone_keeps_it():
    zone = timezone(timedelta(hours=2))
    found = serialise.argument("file", a_file(upload_time=UPLOADED.replace(tzinfo=zone)))
    assert found["upload_time"] == "2026-11-23T18:28:03.455794+02:00"


def test_a_config_and_a_blob_are_decoded_as_mwdb_decodes_them():
    config = Config(
        dhash="a" * 64,
        upload_time=UPLOADED,
        share_3rd_party=False,
        family="f",
        config_type="static",
        _cfg={"nul\\x00": "a\\x00b", "n": 10**300},
    )
    found = serialise.argument("config", config)
    assert found["type"] == "static_config"
    assert found["cfg"]["n"] == 10**300
    assert "a\x00b" in found["cfg"].values()
    blob = TextBlob(dhash="a" * 64, blob_name="n", blob_size=3, blob_type="t", _content="\\u0105\\x00")
    assert serialise.argument("blob", blob)["content"] == "ą\x00"


def test_a_user_never_shows_a_secret():
    secrets = {
        "password_hash": "SECRET-1",
        "password_ver": "SECRET-2",
        "identity_ver": "SECRET-3",
        "version_uid": "SECRET-4",
    }
    user = User(login="me", email="e", additional_info="", feed_quality="high", **secrets)
    user.groups.append(Group(name="g"))
    found = serialise.argument("user", user)
    assert "SECRET" not in json.dumps(found)
    assert found["login"] == "me"
    assert found["groups"] == ["g"]
    assert set(found) == {name for name, _ in dict(serialise.FIELDS)[User]}


def test_no_field_of_any_model_is_a_secret():
    for _, fields in serialise.FIELDS:
        for name, _ in fields:
            assert not any(word in name for word in ("password_hash", "_ver", "version", "token", "secret", "api_key"))


def test_the_schema_knows_every_field_and_no_other(schema):
    definitions = schema.schema["$defs"]
    named = {
        File: "file",
        Config: "config",
        TextBlob: "blob",
        Tag: "tag",
        Comment: "comment",
        Attribute: "attribute",
        AttributeDefinition: "attribute_def",
        User: "user",
        Group: "group",
    }
    for model, fields in serialise.FIELDS:
        if model in named:
            documented = list(definitions[named[model]]["properties"])
            assert documented == [name for name, _ in fields] + ["unavailable", "truncated"]


def test_of_a_removed_object_what_was_loaded_stays_and_the_rest_is_named():
    # What DELETE /api/object/<id> passes.
    found = serialise.argument("object", detached(File, dhash="a" * 64, upload_time=UPLOADED, share_3rd_party=True))
    assert found["id"] == "a" * 64
    assert found["type"] == "file"
    assert found["upload_time"] == "2026-11-23T18:28:03.455794+00:00"
    assert found["unavailable"] == [
        "file_name", "file_size", "file_type", "md5", "sha1", "sha256", "sha512", "crc32", "ssdeep", "alt_names", "tags",
    ]  # fmt: skip


def test_even_the_id_may_be_unavailable():
    for model in (File, Config, TextBlob, Tag, Comment, Attribute, AttributeDefinition, User, Group):
        value = model()
        value.id = 1
        if model is AttributeDefinition:
            value.key = "k"
        make_transient_to_detached(value)
        found = serialise.argument("object", value)
        assert found["unavailable"], model
        assert "SECRET" not in json.dumps(found)
    assert found["unavailable"] == ["name", "capabilities", "private", "default", "workspace", "immutable", "users"]


def test_a_comment_without_author():
    comment = Comment(id=1, comment="c", timestamp=UPLOADED)
    assert serialise.argument("comment", comment)["author"] is None


def test_a_hidden_attribute():
    attribute = Attribute(id=1, key="k", value={"n": [1, None]}, template=AttributeDefinition(key="k", hidden=True))
    assert serialise.argument("attribute", attribute) == {
        "id": 1,
        "key": "k",
        "value": {"n": [1, None]},
        "hidden": True,
    }


def test_a_groups_bare_name_stands_for_the_group():
    assert serialise.arguments({"group": "OpenID_keycloak"}) == {
        "group": {
            "name": "OpenID_keycloak",
            "unavailable": ["capabilities", "private", "default", "workspace", "immutable", "users"],
        }
    }


def test_what_only_a_newer_mwdb_passes_shows_nothing_but_its_class():
    class Session:
        token = "SECRET"

    assert serialise.arguments(
        {"session": Session(), "token": "SECRET", "parts": ["SECRET"], "count": 3, "on": None}
    ) == {
        "session": {"class": "Session", "unavailable": ["*"]},
        "token": {"class": "str", "unavailable": ["*"]},
        "parts": {"class": "list", "unavailable": ["*"]},
        "count": 3,
        "on": None,
    }


def test_an_object_of_a_new_type_shows_what_all_objects_have():
    class Memory(Object):
        __mapper_args__ = {"polymorphic_identity": "memory"}

    assert serialise.argument("object", Memory(dhash="a" * 64, upload_time=UPLOADED, share_3rd_party=True)) == {
        "id": "a" * 64,
        "type": "memory",
        "upload_time": "2026-11-23T18:28:03.455794+00:00",
        "share_3rd_party": True,
        "tags": [],
    }


@pytest.mark.parametrize(
    "error, rolls_back", [(OperationalError("SELECT", {}, Exception("timeout")), True), (KeyError(), False)]
)
def test_a_field_that_fails_costs_only_itself_and_a_broken_transaction_is_ended(monkeypatch, error, rolls_back):
    class Session:
        rollbacks = 0

        def rollback(self):
            self.rollbacks += 1

    session = Session()
    monkeypatch.setattr(serialise.db, "session", session)

    def fail(value):
        raise error

    fields = ((("id", lambda value: value.id), ("tag", fail), ("last", lambda value: 1)),)
    monkeypatch.setattr(serialise, "FIELDS", ((Tag, fields[0]),))
    assert serialise.argument("tag", Tag(id=7)) == {"id": 7, "last": 1, "unavailable": ["tag"]}
    assert session.rollbacks == (1 if rolls_back else 0)


def test_one_unreadable_field_of_a_model_is_none():
    assert serialise.field(detached(File, dhash="a" * 64), "sha256") is None
    assert serialise.field(a_file(), "sha256") == "a" * 64
