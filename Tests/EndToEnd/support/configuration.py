"""Sections of webhooks.ini for the tests."""

import textwrap


def plugin(name, url, lines="", hooks="on_created_file"):
    """A plugin's section. Retries are quick unless `lines` say otherwise."""
    given = textwrap.dedent(lines).strip("\n")
    own = {"url": url, "hooks": hooks, "backoff": "20ms..200ms"}
    taken = {line.split("=", 1)[0].strip() for line in given.splitlines() if "=" in line and line[0] != " "}
    head = "".join(f"{key} = {value}\n" for key, value in own.items() if key not in taken)
    return f"[plugin:{name}]\n{head}{given}\n\n"
