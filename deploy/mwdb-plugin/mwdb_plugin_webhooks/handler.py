"""The hook handler that MWDB calls: one method for each hook that MWDB has, found by enumeration.

So the plugin follows MWDB: a hook that a newer one invents (`on_…`) is captured like the others,
its arguments under the names of its parameters.
"""

import inspect


def names(base):
    """The hooks that a handler class knows."""
    return sorted(name for name in dir(base) if name.startswith("on_") and callable(getattr(base, name)))


def make(base, capture):
    """A subclass of MWDB's PluginHookHandler whose every hook calls capture(hook, {parameter: argument})."""
    methods = {name: _method(name, getattr(base, name), capture) for name in names(base)}
    return type("EventSourceHandler", (base,), methods)


def _method(name, hook, capture):
    parameters = [parameter.name for parameter in inspect.signature(hook).parameters.values()][1:]

    def handle(self, *args, **kwargs):
        arguments = {}
        for index, argument in enumerate(args):
            arguments[parameters[index] if index < len(parameters) else f"argument_{index}"] = argument
        arguments.update(kwargs)
        capture(name, arguments)

    handle.__name__ = name
    return handle
