"""attributes.py: the setting that lists attribute keys. What it defines in MWDB is tested in test_mwdb.py."""

import pytest
from mwdb_plugin_webhooks import attributes


def read(text):
    return [(found.key, found.label, found.url_template) for found in attributes.parse(text)]


def test_entries_by_comma_or_line():
    text = """drakvuf : Drakvuf analysis : https://drakvuf.example:8443/analysis/$value?a=b%2Cc,
              triage:Triage:https://tria.ge/$value
              cape, plain : A label,"""
    assert read(text) == [
        ("drakvuf", "Drakvuf analysis", "https://drakvuf.example:8443/analysis/$value?a=b%2Cc"),
        ("triage", "Triage", "https://tria.ge/$value"),
        ("cape", "cape", ""),
        ("plain", "A label", ""),
    ]
    assert read("") == read(" ,\n ") == []


@pytest.mark.parametrize(
    "text, what",
    [
        ("a b", "the key 'a b'"),
        ("x" * 33, "is not 1 to 32"),
        (": Label", "the key ''"),
        ("ключ", "is not 1 to 32"),
        ("k : " + "l" * 65, "longer than 64"),
        ("k : l : javascript:alert($value)", "http://"),
        ("k : l : https://x.example/", "no $value"),
    ],
)
def test_a_wrong_entry_says_what_and_how(text, what):
    with pytest.raises(ValueError) as caught:
        attributes.parse(text)
    assert what in str(caught.value)
    assert "KEY : LABEL : URL" in str(caught.value)
