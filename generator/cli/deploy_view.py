"""How Terraform's work looks: a live line while it goes on, and what a plan changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from generator.cli.terminal import Terminal
from generator.deploy.account import Demand
from generator.deploy.terraform_events import Change, Event, Plan, Problem, Progress
from generator.runtime.words import plural

_MARKS = {
    "create": ("+", "green"),
    "import": ("=", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "red"),
    "delete": ("-", "red"),
}
_WORDS = {
    "create": "to create",
    "import": "to take over",
    "update": "to change in place",
    "replace": "to replace",
    "delete": "to destroy",
}
_LISTED = 12
"""So many resources to create are named; more are counted by their type."""


class DeployProgress:
    """Follows Terraform: a live line on a terminal, a line for each finished resource elsewhere."""

    def __init__(self, terminal: Terminal, what: str, total: int = 0, quiet: bool = False) -> None:
        self.terminal = terminal
        self.what = what
        self.total = total
        self.done = 0
        self.quiet = quiet
        self._working: dict[str, None] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Problem):
            if not event.is_error and not self.quiet:
                self.terminal.note(f"{self.terminal.style('warning', 'yellow', force=self.terminal.live)}: {event}")
        elif isinstance(event, Progress):
            self._progress(event)

    def _progress(self, event: Progress) -> None:
        if event.phase in ("complete", "errored"):
            self._working.pop(event.address, None)
            self.done += event.action != "read"
            if self.total and not self.terminal.live and not self.quiet and event.phase == "complete":
                self.terminal.note(f"{event.action}: {event.address} ({event.seconds:.0f} s)")
        else:
            self._working.setdefault(event.address)
        if not self.quiet:
            count = f" [{self.done}/{self.total}]" if self.total else ""
            working = ", ".join(map(short_address, self._working))
            self.terminal.show_live(f"{self.what}{count} {working}", self.done, self.total)


def format_plan(terminal: Terminal, plan: Plan) -> str:
    """What a plan changes."""
    if not plan.changes:
        return f"{terminal.style('ok', 'green', 'bold')}: what is deployed is what is declared"
    lines = [line for action in _MARKS for line in _lines(terminal, plan, action)]
    counts = [f"{plan.count(action)} {word}" for action, word in _WORDS.items() if plan.count(action)]
    lines += ["", f"{plural(len(plan.changes), 'change')}: {', '.join(counts)}"]
    if plan.losses:
        lines.append(terminal.style("data goes, or where it is: ", "red", "bold") + ", ".join(_names(plan.losses)))
    return "\n".join(lines)


def format_demand(terminal: Terminal, demand: Demand, known: Mapping[str, object]) -> str:
    """What the account asks for, and what to write where."""
    head = terminal.style("missing" if demand.certain else "not known", "yellow", "bold", force=terminal.live)
    setting = f"{demand.variable} = {demand.value}" if demand.certain else f"{demand.variable}, if it is so,"
    lines = [f"{head}: {demand.reason}", f"  set {setting} in terraform.tfvars, or with --var"]
    if demand.variable not in known:
        lines.append(
            f"  the root module is older than this variable: declare it, and pass `{demand.variable} = "
            f"var.{demand.variable}` on to the module"
        )
    return "\n".join(lines)


def _lines(terminal: Terminal, plan: Plan, action: str) -> Iterator[str]:
    changes = [change for change in plan.changes if change.action == action]
    mark, color = _MARKS[action]
    if action in ("create", "delete") and len(changes) > _LISTED:
        for kind, number in sorted(Counter(change.type for change in changes).items()):
            yield f"{terminal.style(mark, color)} {number:>4} {kind}"
        return
    for change in changes:
        why = f"  ({', '.join(change.attributes)})" if change.attributes else ""
        yield f"{terminal.style(mark, color)} {short_address(change.address)}{terminal.style(why, 'dim')}"


def _names(changes: tuple[Change, ...]) -> list[str]:
    names = [short_address(change.address) for change in changes]
    return names if len(names) <= _LISTED else [*names[:_LISTED], f"and {len(names) - _LISTED} more"]


def short_address(address: str) -> str:
    """A resource without the module that all are in."""
    return address.removeprefix("module.lake.")
