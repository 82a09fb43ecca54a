"""handler.py: all hooks that MWDB has, and those that it does not have yet."""

from drive import HOOKS
from mwdb.core.plugins import PluginHookHandler
from mwdb_plugin_webhooks import handler


def test_the_hooks_of_this_mwdb_are_the_34_known_ones():
    assert set(handler.names(PluginHookHandler)) == HOOKS
    assert len(HOOKS) == 34


def test_every_hook_is_captured_with_its_arguments_under_their_names():
    captured = []
    made = handler.make(PluginHookHandler, lambda hook, arguments: captured.append((hook, arguments)))()
    for hook in sorted(HOOKS):
        captured.clear()
        count = getattr(PluginHookHandler, hook).__wrapped__.__code__.co_argcount - 1
        getattr(made, hook)(*range(count))
        # Once: on_changed_object is MWDB's to schedule, not ours to call.
        assert [found for found, _ in captured] == [hook]
        assert list(captured[0][1].values()) == list(range(count))
    made.on_created_tag("an object", tag="a tag")
    assert captured[-1] == ("on_created_tag", {"object": "an object", "tag": "a tag"})
    made.on_created_relation(parent="p", child="c")
    assert captured[-1] == ("on_created_relation", {"parent": "p", "child": "c"})


def test_a_hook_that_a_newer_mwdb_invents_is_captured():
    class Newer(PluginHookHandler):
        def on_finished_analysis(self, object, *further): ...

        def on(self): ...

        on_nothing = None

    captured = []
    made = handler.make(Newer, lambda hook, arguments: captured.append((hook, arguments)))()
    made.on_finished_analysis("o", 1, 2)
    assert captured == [("on_finished_analysis", {"object": "o", "further": 1, "argument_2": 2})]
    assert set(handler.names(Newer)) == HOOKS | {"on_finished_analysis"}
