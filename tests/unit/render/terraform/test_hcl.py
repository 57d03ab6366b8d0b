"""Values written as HCL are, read by Terraform, the same values, and laid out as `terraform fmt` wants them."""

from __future__ import annotations

import json
import random
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.render.terraform.hcl import quoted, to_hcl
from tests.unit.render.terraform.module_folder import Terraform

TEXTS = [
    "", "plain", 'a "quoted" word', "back\\slash \\n", "${not} a %{template} $${twice}", "tab\tcr\r", "ünïcödé 🚲",
    "\x01\x7f control", "trailing \\", "$", "%", "${", "# // /* comment */", "'single'", "\u2028",
]  # fmt: skip
VALUES = {
    "short": "a",
    "a_longer_name": True,
    "none": None,
    "list": [1, 2, 3],
    "texts": TEXTS,
    "several": 'first\n  indented ${x} %{y}\nback\\slash "quotes"\n',
    "after": 0,
    "empty": {},
    "nothing": [],
    "nested": {
        "for": 1,
        "true": "t",
        "null": "n",
        "mapping.key": "k",
        "_under": {"deep": {"deeper": [{"a": 1, "b": []}]}},
    },
    "objects": [{"name": "x", "type": "struct<a:int,b:string>", "comment": ""}, {}],
    "a": "b",
    "long": ["x" * 30] * 10,
    "mixed": [{"a": ["b", {"c": None}]}],
}


PIECES = (
    "EOT", "<<EOT", "<<-EOT", "\n", "\r", "\r\n", "\n\n", "\t", " ", "$", "%", "{", "}", "${", "%{", "$${", "%%{", "~}",
    '"', "'", "\\", "\\n", "\\u0041", "#", "//", "/*", "*/", "=", "\0", "\x01", "\x1b[31m", "\x7f", "\x85",
    "\u2028", "\u202e",
    "\ufeff", "\ufffd", "\uffff", "é", "名", "🚲", "\U0010fffd", "}\n}\nresource \"null_resource\" \"x\" {\n",
)  # fmt: skip


def random_values(seed: int, count: int) -> list[object]:
    """Texts of pieces that mean something to HCL, also as keys and inside of objects and lists."""
    chance = random.Random(seed)

    def text() -> str:
        found = "".join(chance.choices(PIECES, k=chance.randint(0, 12)))
        return unicodedata.normalize("NFC", found)  # Terraform's texts are always so

    return [
        chance.choice([text(), {text(): text(), text(): [text()]}, [text(), {"a": text()}], [[text()], text()]])
        for _ in range(count)
    ]


@pytest.mark.terraform
def test_terraform_reads_any_text_as_it_is(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    values = random_values(19, 1000)
    made = "".join(f"  value_{number} = {to_hcl(value, 1)}\n" for number, value in enumerate(values))
    names = ", ".join(f"local.value_{number}" for number in range(len(values)))
    text = f'output "values" {{\n  value = jsonencode([{names}])\n}}\n\nlocals {{\n{made}}}\n'
    (tmp_path / "main.tf").write_bytes(text.encode())
    terraform = Terraform(tmp_path)
    terraform("init", "-input=false")
    terraform("apply", "-auto-approve", "-input=false")
    assert json.loads(json.loads(terraform("output", "-json").stdout)["values"]["value"]) == values


@pytest.mark.terraform
def test_terraform_reads_what_was_meant(tmp_path: Path, need: Callable[[object, str], None]) -> None:
    need(shutil.which("terraform"), "terraform isn't installed")
    text = (
        'output "values" {\n  value = jsonencode(local.values)\n}\n\nlocals {\n  values = '
        + to_hcl(VALUES, 1)
        + "\n}\n"
    )
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    terraform = Terraform(tmp_path)
    terraform("fmt", "-check", "-diff")
    terraform("init", "-input=false")
    terraform("apply", "-auto-approve", "-input=false")
    read = json.loads(json.loads(terraform("output", "-json").stdout)["values"]["value"])
    assert read == VALUES


def test_nothing_in_a_text_is_a_template() -> None:
    assert quoted("${var.x}") == '"$${var.x}"'
    assert quoted("%{ if true }") == '"%%{ if true }"'


def test_a_longer_value_ends_the_row_of_equal_signs() -> None:
    assert to_hcl({"a": 1, "long_name": 2, "list": [{}], "b": 3}) == (
        "{\n  a         = 1\n  long_name = 2\n  list = [\n    {},\n  ]\n  b = 3\n}"
    )
