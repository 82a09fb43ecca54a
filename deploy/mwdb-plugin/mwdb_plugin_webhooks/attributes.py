"""Attribute keys for what sandboxes answer, defined when `mwdb-core configure` runs.

    [webhooks]
    attributes = drakvuf : Drakvuf analysis : https://drakvuf.example/analysis/$value,
                 triage : Triage : https://tria.ge/$value

One key an entry, entries by comma or line: KEY, KEY : LABEL or KEY : LABEL : URL (a comma in the URL is
written %2C, and every '%' twice, as in all of mwdb.ini). A key that MWDB does not have is defined; one
that it has keeps its label and link. Everyone may read it unless its permissions already name the group
`public`. A wrong entry is logged and left out: it does not keep MWDB from starting.
"""

import re

from .log import log

KEY = re.compile("[A-Za-z0-9_-]{1,32}", re.ASCII)
LONGEST_LABEL = 64
HOW = "write KEY : LABEL : URL, for example drakvuf : Drakvuf analysis : https://drakvuf.example/analysis/$value"


class Attribute:
    """One key as configured."""

    def __init__(self, key, label, url_template):
        self.key = key
        self.label = label
        self.url_template = url_template


def parse(text):
    """The keys of the setting's text. ValueError where an entry is wrong."""
    return [_entry(entry.strip()) for entry in entries(text)]


def entries(text):
    """The entries of the setting's text, not yet read."""
    return [entry for entry in re.split(r"[,\n]", text) if entry.strip()]


def _entry(text):
    parts = [part.strip() for part in text.split(":", 2)]
    key, label, url = (parts + ["", ""])[:3]
    if not KEY.fullmatch(key):
        raise ValueError(f"'{text}': the key '{key}' is not 1 to 32 of A-Z a-z 0-9 _ -; {HOW}")
    if len(label) > LONGEST_LABEL:
        raise ValueError(f"'{text}': the label is longer than {LONGEST_LABEL} characters; {HOW}")
    if url and not re.match("https?://", url):
        raise ValueError(f"'{text}': the URL does not start with http:// or https://; {HOW}")
    if url and "$value" not in url:
        raise ValueError(f"'{text}': the URL has no $value, which stands for the attribute's value; {HOW}")
    return Attribute(key, label or key, url)


def define(text):
    """Defines the keys in MWDB's database."""
    from mwdb.model import AttributeDefinition, AttributePermission, Group, db

    for entry in entries(text):
        try:
            attribute = _entry(entry.strip())
        except ValueError as error:
            log.error("webhooks: [webhooks] attributes: %s", error)
            continue
        if db.session.get(AttributeDefinition, attribute.key) is None:
            db.session.add(
                AttributeDefinition(
                    key=attribute.key,
                    label=attribute.label,
                    description="Written by mwdb-webhooks",
                    url_template=attribute.url_template,
                    rich_template="",
                    example_value="",
                    hidden=False,
                )
            )
            log.info("webhooks: attribute key '%s' is defined", attribute.key)
        everyone = Group.public_group()
        if everyone is not None:
            permission = db.session.get(AttributePermission, (attribute.key, everyone.id))
            if permission is None:
                db.session.add(
                    AttributePermission(key=attribute.key, group_id=everyone.id, can_read=True, can_set=False)
                )
        db.session.commit()
