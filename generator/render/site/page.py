"""The page around the data: one HTML file that loads nothing, and that runs no script but its own.

Names and descriptions of a spec come from outside. They reach the page as JSON only, with every character escaped that
HTML could take for its own; the policy in the page's head forbids whatever might get past that.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape

from generator.diagnostics import GeneratorError
from generator.render.manifest import Values
from generator.render.templates import render, templates_folder

BUNDLE = "docs/site/bundle"
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def render_site(data: Values) -> str:
    """The HTML of the site.

    Raises:
        GeneratorError: the built front end isn't there.
    """
    script, style = _bundle("site.js"), _bundle("site.css")
    return render(
        "docs/site.html.j2",
        title=escape(f"{data['lake']}: the lake"),
        description=escape(data["description"] or ""),
        policy=_policy(script, style),
        style=style,
        script=script,
        data=_json(data),
    )


def _bundle(name: str) -> str:
    path = templates_folder() / BUNDLE / name
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        raise GeneratorError(f"{path} is missing: reinstall, or build it with {path.parents[1] / 'build.sh'}") from None


def _policy(script: str, style: str) -> str:
    """Nothing from the network; the one script and the one style sheet by their digests."""
    return (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _json(values: Values) -> str:
    """JSON that can stand inside a `script` element."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
