"""The plugin's settings: section [webhooks] of mwdb.ini, or the environment (WEBHOOKS_SPOOL…), as MWDB layers them.

spool       the folder shared with the daemon          (/var/spool/mwdb-webhooks)
source      this instance's name in every event        (MWDB's instance_name)
attributes  attribute keys that `mwdb-core configure` defines; see attributes.py
"""

import os

from mwdb.core.config import app_config
from typedconfig import Config, key, section

DEFAULT_SPOOL = "/var/spool/mwdb-webhooks"


@section("webhooks")
class WebhooksConfig(Config):
    spool = key(cast=str, required=False, default=DEFAULT_SPOOL)
    source = key(cast=str, required=False, default="")
    attributes = key(cast=str, required=False, default="")


def load():
    """The settings as EventSource takes them."""
    config = WebhooksConfig(provider=app_config.provider)
    return {
        "spool_path": os.path.abspath(config.spool.strip() or DEFAULT_SPOOL),
        "name": config.source.strip() or app_config.mwdb.instance_name,
    }


def attributes():
    """The text of `attributes`, not yet read."""
    return WebhooksConfig(provider=app_config.provider).attributes
