"""A hook's arguments as JSON values: allow-listed fields of MWDB's models, and nothing else.

No password hash, token or session version is ever among them, because only what is named here is read.
An argument may be an object that the request has just removed: it is detached from the database, and
what was not loaded before cannot be read any more. Such a field is absent and named in `unavailable`.
What is read costs 0 to 3 queries, for all events of a request together.
"""

from datetime import datetime, timezone

from mwdb.model import (
    Attribute,
    AttributeDefinition,
    Comment,
    Config,
    File,
    Group,
    Member,
    Object,
    Tag,
    TextBlob,
    User,
    db,
)
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.exc import DetachedInstanceError, ObjectDeletedError

from .log import log


def _columns(*names):
    return tuple((name, _reader(name)) for name in names)


def _reader(name):
    return lambda value: getattr(value, name)


def _author(comment):
    return None if comment.author is None else comment.author.login


def _members(group):
    if not inspect(group).persistent:
        return [member.user.login for member in group.members]
    # One query. Through the relationship it would be one for each member.
    logins = db.session.query(User.login).join(Member, Member.user_id == User.id)
    return [login for (login,) in logins.filter(Member.group_id == group.id).order_by(User.login)]


_OBJECT = (
    ("id", _reader("dhash")),
    # The mapper's identity, not the column: known even when nothing of the object can be read.
    ("type", lambda value: type(value).__mapper__.polymorphic_identity),
    *_columns("upload_time", "share_3rd_party"),
)
_TAGS = (("tags", lambda value: [tag.tag for tag in value.tags]),)

# The first class that an argument is an instance of decides.
FIELDS = (
    (
        File,
        _OBJECT
        + _columns(
            "file_name", "file_size", "file_type", "md5", "sha1", "sha256", "sha512", "crc32", "ssdeep", "alt_names"
        )
        + _TAGS,
    ),
    (Config, _OBJECT + _columns("family", "config_type", "cfg") + _TAGS),
    (TextBlob, _OBJECT + _columns("blob_name", "blob_size", "blob_type", "content", "last_seen") + _TAGS),
    (Object, _OBJECT + _TAGS),
    (Tag, _columns("id", "tag")),
    (Comment, _columns("id", "comment", "timestamp") + (("author", _author),)),
    (
        AttributeDefinition,
        _columns("key", "label", "description", "url_template", "rich_template", "example_value", "hidden"),
    ),
    (Attribute, _columns("id", "key", "value") + (("hidden", lambda value: value.template.hidden),)),
    (
        User,
        _columns(
            "login",
            "email",
            "additional_info",
            "feed_quality",
            "requested_on",
            "registered_on",
            "logged_on",
            "set_password_on",
            "disabled",
            "pending",
        )
        + (("groups", lambda value: [group.name for group in value.groups]),),
    ),
    (
        Group,
        _columns("name", "capabilities", "private", "default", "workspace", "immutable") + (("users", _members),),
    ),
)

# MWDB passes a group's bare name where a login provider is deleted with its group.
_NAMED = {"group": ("name", dict(FIELDS)[Group]), "user": ("login", dict(FIELDS)[User])}


def arguments(values):
    """{parameter: JSON value} of {parameter: argument}. Raises nothing that one field's failure causes."""
    return {name: argument(name, value) for name, value in values.items()}


def argument(name, value):
    """One argument as a JSON value."""
    if value is None or isinstance(value, (bool, int)):
        return value
    for model, fields in FIELDS:
        if isinstance(value, model):
            return _read(value, fields)
    if name in _NAMED and isinstance(value, str):
        known, fields = _NAMED[name]
        return {known: value, "unavailable": [field for field, _ in fields if field != known]}
    # Something that only a newer MWDB passes: no field of it is known to be harmless.
    return {"class": type(value).__name__, "unavailable": ["*"]}


def files(values):
    """The files among a hook's arguments."""
    return [value for value in values.values() if isinstance(value, File)]


def field(value, name):
    """One field of a model, or None where it cannot be read."""
    return _read(value, ((name, _reader(name)),)).get(name)


def _read(value, fields):
    found, unavailable = {}, []
    for name, read in fields:
        try:
            found[name] = _json_value(read(value))
        except (DetachedInstanceError, ObjectDeletedError):
            unavailable.append(name)
        except Exception as error:
            if isinstance(error, SQLAlchemyError):
                _heal()
            log.warning("webhooks: field %s of %s could not be read: %r", name, type(value).__name__, error)
            unavailable.append(name)
    if unavailable:
        found["unavailable"] = unavailable
    return found


def _json_value(value):
    if isinstance(value, datetime):
        # Naive times are read as UTC, as MWDB's own API reads them.
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).isoformat()
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    return value


def _heal():
    """Ends a transaction that a failed query has broken; every later handler would fail in it."""
    try:
        db.session.rollback()
    except Exception as error:
        log.warning("webhooks: the database session could not be rolled back: %r", error)
