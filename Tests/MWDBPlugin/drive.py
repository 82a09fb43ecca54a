"""Drives a real MWDB over its REST API so that every one of its 34 hooks fires, and says what must arrive.

    from drive import fire_all, mismatches

    fired = fire_all("http://127.0.0.1:18080", "admin", "password")
    …collect what arrived, as decoded events…
    assert mismatches(fired, events) == []

`fire_all(mwdb_url, login, password)` -> [Fired(hook, facts)], one for each time a hook fired, in the order in
which MWDB ran them. `facts` says what the event's `data` must hold: {"object.id": "…", "tag.tag": "…"}, a
dotted path in `data` -> the value there. Every event's `actor` is `login`.

`mismatches(fired, events)` -> [str]: what was fired and did not arrive, what arrived and was not fired, and
what arrived with other facts; empty when each arrived exactly once. Events of other objects (another run,
an earlier upload) must be filtered out before: each run's names hold its `Run.mark`.

Standard library only. The login needs all capabilities (MWDB's admin has them). A run removes what it made, and
runs do not disturb each other: each makes its own names.

`Mwdb`, `MwdbError` (mwdb_rest.py) are the small client underneath, for tests of their own.
"""

import hashlib
import json
import secrets
import urllib.parse
from typing import NamedTuple

from mwdb_rest import Mwdb, MwdbError

__all__ = ["HOOKS", "Fired", "Mwdb", "MwdbError", "Run", "fire_all", "mismatches"]

# Every hook of MWDB 2.16.1 to 2.20.
HOOKS = frozenset(
    """
    on_changed_object on_created_attribute on_created_attribute_key on_created_comment on_created_config
    on_created_file on_created_group on_created_membership on_created_object on_created_relation on_created_tag
    on_created_text_blob on_created_user on_removed_attribute on_removed_attribute_key on_removed_comment
    on_removed_config on_removed_file on_removed_group on_removed_membership on_removed_object
    on_removed_relation on_removed_tag on_removed_text_blob on_removed_user on_reuploaded_config
    on_reuploaded_file on_reuploaded_object on_reuploaded_tag on_reuploaded_text_blob on_updated_attribute_key
    on_updated_group on_updated_membership on_updated_user
    """.split()
)


class Fired(NamedTuple):
    """One firing of a hook."""

    hook: str
    facts: dict


def fire_all(mwdb_url, login, password):
    """Fires all 34 hooks. See the top of the file."""
    return Run(Mwdb(mwdb_url).login(login, password), login).fire_all()


class Run:
    """One run over all hooks. `fired` grows as the requests succeed."""

    def __init__(self, mwdb, login):
        self.mwdb = mwdb
        self.login = login
        self.mark = secrets.token_hex(6)
        self.fired = []

    def fire_all(self):
        self.keys()
        self.files()
        self.blobs()
        self.configs()
        self.attributes()
        self.tags()
        self.comments()
        self.relations()
        self.people()
        self.removals()
        missing = HOOKS - {fired.hook for fired in self.fired}
        assert not missing, f"the run does not fire {sorted(missing)}"
        return self.fired

    def expect(self, hook, **facts):
        """Notes a firing; `a__b` stands for the path a.b."""
        self.fired.append(Fired(hook, {path.replace("__", "."): value for path, value in facts.items()}))

    def changed(self, *identifiers):
        for identifier in identifiers:
            self.expect("on_changed_object", object__id=identifier)

    # --- the requests, each followed by what it fires, in MWDB's order ---

    def keys(self):
        self.key = f"key-{self.mark}"
        template = "https://sandbox.example/task/$value"
        definition = {
            "key": self.key,
            "label": "A verdict",
            "description": "made by drive.py",
            "url_template": template,
            "rich_template": "",
            "example_value": "",
            "hidden": False,
        }
        self.mwdb.call("POST", "/attribute", definition)
        facts = {
            "attribute_def__key": self.key,
            "attribute_def__url_template": template,
            "attribute_def__hidden": False,
        }
        self.expect("on_created_attribute_key", attribute_def__label="A verdict", **facts)
        self.mwdb.call("PUT", f"/attribute/{self.key}", {"label": "Renamed"})
        self.expect("on_updated_attribute_key", attribute_def__label="Renamed", **facts)

    def files(self):
        content = f"parent {self.mark}\n".encode()
        self.parent = self.mwdb.upload(f"{self.mark}.txt", content)
        facts = _file_facts(content, f"{self.mark}.txt")
        self.expect("on_created_object", **_under("object", facts), object__alt_names=[], object__tags=[])
        self.expect("on_created_file", **_under("file", facts), file__alt_names=[], file__tags=[])
        self.mwdb.upload(f"{self.mark}-again.txt", content)
        again = [f"{self.mark}-again.txt"]
        self.expect("on_reuploaded_object", **_under("object", facts), object__alt_names=again)
        self.expect("on_reuploaded_file", **_under("file", facts), file__alt_names=again)

        # One request with everything: a parent, an attribute, two tags.
        content = f"child {self.mark}\n".encode()
        tags = [f"first:{self.mark}", f"second:{self.mark}"]
        self.child = self.mwdb.upload(
            f"{self.mark}-child.txt",
            content,
            parent=self.parent,
            attributes=[{"key": self.key, "value": "task-1"}],
            tags=[{"tag": tag} for tag in tags],
        )
        facts = _file_facts(content, f"{self.mark}-child.txt")
        self.expect("on_created_attribute", object__id=self.child, attribute__key=self.key, attribute__value="task-1")
        self.changed(self.child)
        self.expect("on_created_relation", parent__id=self.parent, child__id=self.child, child__type="file")
        self.changed(self.parent)
        for tag in tags:
            self.expect("on_created_tag", object__id=self.child, tag__tag=tag)
        self.expect("on_created_object", **_under("object", facts), object__tags=tags)
        self.expect("on_created_file", **_under("file", facts), file__tags=tags)

    def blobs(self):
        content = f"blob \u0105 \u0000 {self.mark}"
        self.blob = self.mwdb.upload_blob(f"{self.mark}.cfg", content)
        facts = {
            "id": self.blob,
            "type": "text_blob",
            "blob_name": f"{self.mark}.cfg",
            "blob_type": "raw_cfg",
            "blob_size": len(content),
            "content": content,
            "tags": [],
        }
        self.expect("on_created_object", **_under("object", facts))
        self.expect("on_created_text_blob", **_under("blob", facts))
        self.mwdb.upload_blob(f"{self.mark}.cfg", content)
        self.expect("on_reuploaded_object", **_under("object", facts))
        self.expect("on_reuploaded_text_blob", **_under("blob", facts))

    def configs(self):
        # An integer that needs more than 64 bits, and a NUL.
        cfg = {"mark": self.mark, "c2": ["http://a.example/"], "large": 10**300, "nul": "a\u0000b", "deep": {"n": 1}}
        self.config = self.mwdb.upload_config("family", cfg)
        facts = {
            "id": self.config,
            "type": "static_config",
            "family": "family",
            "config_type": "static",
            "cfg": cfg,
            "tags": [],
        }
        self.expect("on_created_object", **_under("object", facts))
        self.expect("on_created_config", **_under("config", facts))
        self.mwdb.upload_config("family", cfg)
        self.expect("on_reuploaded_object", **_under("object", facts))
        self.expect("on_reuploaded_config", **_under("config", facts))

        # A blob inside a config: no hook of its own, only the relation.
        inner = {"content": f"embedded {self.mark}", "blob_name": "inner", "blob_type": "raw_cfg"}
        self.outer = self.mwdb.upload_config("family", {"mark": self.mark, "inner": {"in-blob": inner}})
        self.inner = hashlib.sha256(inner["content"].encode()).hexdigest()
        self.expect("on_created_relation", parent__id=self.outer, child__id=self.inner, child__type="text_blob")
        self.changed(self.outer, self.inner)
        self.expect("on_created_object", object__id=self.outer, object__type="static_config")
        self.expect("on_created_config", config__id=self.outer)

    def attributes(self):
        value = {"score": 10, "family": "x", "large": 10**300}
        facts = {"object__id": self.parent, "attribute__key": self.key, "attribute__value": value}
        answer = self.mwdb.call("POST", f"/file/{self.parent}/attribute", {"key": self.key, "value": value})
        self.expect("on_created_attribute", **facts, attribute__hidden=False)
        self.changed(self.parent)
        identifier = next(found["id"] for found in answer["attributes"] if found["value"] == value)
        self.mwdb.call("DELETE", f"/file/{self.parent}/attribute/{identifier}")
        self.expect("on_removed_attribute", **facts, attribute__id=identifier)
        self.changed(self.parent)

    def tags(self):
        tag = f"tag:{self.mark}"
        facts = {"object__id": self.parent, "tag__tag": tag}
        for method, hook, after in (
            ("PUT", "on_created_tag", [tag]),
            ("PUT", "on_reuploaded_tag", [tag]),
            ("DELETE", "on_removed_tag", []),
        ):
            path = f"/file/{self.parent}/tag"
            if method == "DELETE":
                path += "?" + urllib.parse.urlencode({"tag": tag})
            self.mwdb.call(method, path, {"tag": tag} if method == "PUT" else None)
            self.expect(hook, **facts, object__tags=after)
            self.changed(self.parent)

    def comments(self):
        text = f"comment {self.mark} <b>&\u202e\u0105"
        facts = {"object__id": self.parent, "comment__comment": text, "comment__author": self.login}
        answer = self.mwdb.call("POST", f"/file/{self.parent}/comment", {"comment": text})
        self.expect("on_created_comment", **facts, comment__id=answer["id"])
        self.changed(self.parent)
        self.mwdb.call("DELETE", f"/file/{self.parent}/comment/{answer['id']}")
        self.expect("on_removed_comment", **facts, comment__id=answer["id"])
        self.changed(self.parent)

    def relations(self):
        path = f"/object/{self.parent}/child/{self.config}"
        facts = {
            "parent__id": self.parent,
            "parent__type": "file",
            "child__id": self.config,
            "child__type": "static_config",
        }
        for method, hook in (("PUT", "on_created_relation"), ("DELETE", "on_removed_relation")):
            self.mwdb.call(method, path)
            self.expect(hook, **facts)
            self.changed(self.parent, self.config)

    def people(self):
        user, group, renamed = f"u{self.mark}", f"g{self.mark}", f"h{self.mark}"
        email = f"{self.mark}@lab.example"
        self.mwdb.call(
            "POST",
            f"/user/{user}",
            {"email": email, "additional_info": "made by drive.py", "feed_quality": "low", "send_email": False},
        )
        facts = {"user__login": user, "user__email": email, "user__disabled": False, "user__pending": False}
        self.expect("on_created_user", **facts, user__feed_quality="low")
        private = {"group__name": user, "group__private": True, "group__immutable": True}
        self.expect("on_created_group", **private, group__users=[user])
        self.mwdb.call("PUT", f"/user/{user}", {"feed_quality": "high"})
        self.expect("on_updated_user", **facts, user__feed_quality="high")

        self.mwdb.call("POST", f"/group/{group}", {"capabilities": ["adding_tags"]})
        self.expect("on_created_group", group__name=group, group__capabilities=["adding_tags"], group__users=[])
        member = f"/group/{group}/member/{user}"
        for method, body, hook, members in (
            ("POST", None, "on_created_membership", [user]),
            ("PUT", {"group_admin": True}, "on_updated_membership", [user]),
            ("DELETE", None, "on_removed_membership", []),
        ):
            query = f"?{urllib.parse.urlencode({'group_admin': 1})}" if method == "PUT" else ""
            self.mwdb.call(method, member + query, body)
            self.expect(hook, group__name=group, group__users=members, user__login=user)
        self.mwdb.call("PUT", f"/group/{group}", {"name": renamed})
        self.expect("on_updated_group", group__name=renamed, group__private=False, group__users=[])

        # A group that has a member: its members are gone with it and cannot be read any more.
        self.mwdb.call("POST", f"/group/{renamed}/member/{user}")
        self.expect("on_created_membership", group__name=renamed, group__users=[user], user__login=user)
        self.mwdb.call("DELETE", f"/group/{renamed}")
        self.expect("on_removed_group", group__name=renamed, group__unavailable=["users"])
        self.mwdb.call("DELETE", f"/user/{user}")
        self.expect("on_removed_user", **facts)
        self.expect("on_removed_group", **private)

    def removals(self):
        for kind, identifier, hook, parameter in (
            ("config", self.outer, "on_removed_config", "config"),
            ("config", self.config, "on_removed_config", "config"),
            ("blob", self.blob, "on_removed_text_blob", "blob"),
            ("blob", self.inner, "on_removed_text_blob", "blob"),
            ("file", self.child, "on_removed_file", "file"),
        ):
            self.mwdb.call("DELETE", f"/{kind}/{identifier}")
            self.expect(hook, **{f"{parameter}__id": identifier})
            self.expect("on_removed_object", object__id=identifier)
        # By way of /object MWDB has not loaded what makes it a file, and fires no on_removed_file.
        self.mwdb.call("DELETE", f"/object/{self.parent}")
        columns = "file_name file_size file_type md5 sha1 sha256 sha512 crc32 ssdeep alt_names".split()
        self.expect("on_removed_object", object__id=self.parent, object__type="file", object__unavailable=columns)
        self.mwdb.call("DELETE", f"/attribute/{self.key}")
        self.expect("on_removed_attribute_key", attribute_def__key=self.key, attribute_def__label="Renamed")


def mismatches(fired, events):
    """Compares what was fired with what arrived. See the top of the file."""
    problems = []
    left = {}
    for event in events:
        left.setdefault(event["type"], []).append(event)
    # The firing that asks for most chooses first.
    for expected in sorted(fired, key=lambda one: -len(one.facts)):
        candidates = left.get(expected.hook, [])
        found = next((event for event in candidates if not _wrong(expected.facts, event["data"])), None)
        if found is not None:
            candidates.remove(found)
        elif candidates:
            nearest = min(candidates, key=lambda event: len(_wrong(expected.facts, event["data"])))
            problems.append(f"{expected.hook}: no event has {_wrong(expected.facts, nearest['data'])}")
        else:
            problems.append(f"{expected.hook} with {expected.facts} did not arrive")
    for hook, events_left in left.items():
        problems += [f"{hook} arrived and was not fired: {json.dumps(event)[:500]}" for event in events_left]
    return problems


def _wrong(facts, data):
    """The facts that the data does not have: {path: (expected, found)}."""
    wrong = {}
    for path, expected in facts.items():
        found = data
        for step in path.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if found != expected:
            wrong[path] = (expected, found)
    return wrong


def _file_facts(content, name):
    return {
        "id": hashlib.sha256(content).hexdigest(),
        "type": "file",
        "file_name": name,
        "file_size": len(content),
        "file_type": "ASCII text",
        "md5": hashlib.md5(content).hexdigest(),
        "sha1": hashlib.sha1(content).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sha512": hashlib.sha512(content).hexdigest(),
    }


def _under(parameter, facts):
    return {f"{parameter}__{name}": value for name, value in facts.items()}
