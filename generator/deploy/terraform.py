"""Terraform, or OpenTofu, as a process: plan, apply and destroy, with what it says while it goes on.

python-terraform composes the command lines. It hands over output only at the end, so the processes are our own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from generator.deploy.terraform_events import Change, Event, Plan, Problem, parse_event
from generator.diagnostics import GeneratorError

Listener = Callable[[Event], None]
CONFIG = "TF_CLI_CONFIG_FILE"
PROGRAM = "LAKEGEN_TERRAFORM"
"""Variable that names another program than `terraform`: `tofu`, or a path."""
_CHANGES = 2
"""The exit code of `plan -detailed-exitcode` when there are changes."""


class TerraformError(GeneratorError):
    """Terraform failed.

    Attributes:
        problems: what it reported.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)


class Terraform:
    """The root module in a folder.

    Args:
        environment: the variables of the processes; this process's by default.

    Attributes:
        name: of the program, `terraform` or `tofu`.

    Raises:
        TerraformError: the folder holds no module, or there is no Terraform, or no python-terraform.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        require_module(folder)
        self.folder = folder
        self._environment = usable_environment(os.environ if environment is None else environment)
        self._binary = _find_program(self._environment)
        self.name = Path(self._binary).stem
        if find_spec("python_terraform") is None:
            raise TerraformError(
                "Terraform is called with python-terraform: install it with `pip install 'lakegen[aws]'`"
            )

    def init(self) -> None:
        """Gets providers and modules ready; does little when they are."""
        command = self._command("init", input=False, no_color=True)
        self._text(command, "init")

    def validate(self) -> None:
        self._text(self._command("validate", no_color=True), "validate")

    def plan(
        self,
        output: Path,
        variables: Mapping[str, str],
        files: Sequence[Path] = (),
        *,
        destroy: bool = False,
        listener: Listener | None = None,
    ) -> Plan:
        """Plans, writes the plan to `output`, and says what it would change."""
        command = self._command(
            "plan",
            json=True,
            input=False,
            detailed_exitcode=True,
            destroy=destroy,
            out=str(output.resolve()),
            **_given(variables, files),
        )
        changes = [event for event in self._events(command, "plan", listener) if isinstance(event, Change)]
        shown = json.loads(self._text([*self._command("show", json=True), str(output.resolve())], "show"))
        details = {one["address"]: one["change"] for one in shown.get("resource_changes", [])}
        given = {name: one.get("value") for name, one in shown.get("variables", {}).items()}
        return Plan(tuple(change.with_details(details.get(change.address, {})) for change in changes), given)

    def apply(self, plan: Path, listener: Listener | None = None) -> None:
        """Carries out a plan."""
        command = [*self._command("apply", json=True, input=False, auto_approve=True), str(plan.resolve())]
        for _ in self._events(command, "apply", listener):
            continue

    def outputs(self) -> dict[str, Any]:
        """The outputs of what is applied, by name; empty when nothing is."""
        found = json.loads(self._text(self._command("output", json=True, no_color=True), "output") or "{}")
        return {name: output["value"] for name, output in found.items()}

    def variable(self, name: str, variables: Mapping[str, str], files: Sequence[Path] = ()) -> str | None:
        """The value that a variable has in the root module; None when it is null, or not there, or wrong."""
        if name in variables:
            return variables[name]
        command = self._command("console", **_given(variables, files))
        question = f"jsonencode(var.{name})\n"
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, input=question, capture_output=True, text=True
        )
        try:
            value = json.loads(json.loads(done.stdout))
        except ValueError:
            return None
        return None if value is None else str(value)

    def _command(self, name: str, **options: Any) -> list[str]:
        import python_terraform

        flags = {True: python_terraform.IsFlagged, False: python_terraform.IsNotFlagged}
        given = {
            key: flags[value] if isinstance(value, bool) and key != "input" else value for key, value in options.items()
        }
        composer = python_terraform.Terraform(working_dir=str(self.folder), terraform_bin_path=self._binary)
        command: list[str] = composer.generate_cmd_string(name, **given)
        return command

    def _text(self, command: Sequence[str], what: str) -> str:
        done = subprocess.run(command, cwd=self.folder, env=self._environment, capture_output=True, text=True)
        if done.returncode:
            raise TerraformError(f"{self.name} {what} failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _events(self, command: Sequence[str], what: str, listener: Listener | None) -> Iterator[Event]:
        problems: list[Problem] = []
        with (
            tempfile.TemporaryFile("w+") as errors_said,
            subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdout=subprocess.PIPE, stderr=errors_said, text=True
            ) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:
                event = parse_event(line)
                if event is None:
                    continue
                if isinstance(event, Problem):
                    problems.append(event)
                if listener is not None:
                    listener(event)
                yield event
            process.wait()
            errors_said.seek(0)
            said = errors_said.read()
        if process.returncode not in (0, _CHANGES):
            errors = [problem for problem in problems if problem.is_error]
            text = "\n".join(str(problem) for problem in errors) or said.strip()
            raise TerraformError(f"{self.name} {what} failed:\n{text}{_way_out(text)}", problems)


def _given(variables: Mapping[str, str], files: Sequence[Path]) -> dict[str, list[str]]:
    """Options for values of variables: the last one counts for Terraform, so named ones count over those of files."""
    return {
        "var_file": [str(file.resolve()) for file in files],
        "var": [f"{name}={value}" for name, value in variables.items()],
    }


def _find_program(environment: Mapping[str, str]) -> str:
    """Where the program is that is Terraform here."""
    name, path = environment.get(PROGRAM) or "terraform", environment.get("PATH")
    found = shutil.which(name, path=path)
    if found is not None:
        return found
    if name != "terraform":
        raise TerraformError(f"{PROGRAM}={name}: there is no such program (on the PATH)")
    other = f", or set {PROGRAM}=tofu to use the OpenTofu that is there" if shutil.which("tofu", path=path) else ""
    raise TerraformError(
        "Terraform isn't on the PATH: install 1.11 or newer, see https://developer.hashicorp.com/terraform/install"
        + other
    )


_WAYS_OUT = {
    "invalid AWS Region": "Set the region: --var region=REGION, the same in terraform.tfvars, or AWS_REGION.",
    "No valid credential sources found": "Sign in (`aws sso login`, `aws configure`), or set AWS_PROFILE.",
    "ExpiredToken": "The credentials have expired: sign in again, such as with `aws sso login`.",
    "InvalidClientTokenId": "AWS doesn't accept the credentials: `aws sts get-caller-identity` shows whose they are.",
    "BucketAlready": "Give the buckets other names: --var bucket_suffix=SUFFIX, or the same in terraform.tfvars.",
    "Error acquiring the state lock": "Somebody else is applying; wait, or see `terraform force-unlock`.",
}
"""What to do about what the AWS provider and Terraform say."""


def _way_out(said: str) -> str:
    return "".join(f"\n{advice}" for sign, advice in _WAYS_OUT.items() if sign in said)


def require_module(folder: Path) -> None:
    """Makes sure that a folder is a root module.

    Raises:
        TerraformError: it isn't.
    """
    if not any(folder.glob("*.tf")):
        raise TerraformError(
            f"{folder} holds no Terraform module: `python -m generator build` writes one to terraform/ where there is "
            "no such folder; name the root module's folder with --terraform DIR"
        )


def usable_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without a CLI configuration that isn't there, and without what makes Terraform ask or colour."""
    usable = {name: value for name, value in environment.items() if name not in ("TF_CLI_ARGS", "TF_LOG")}
    if CONFIG in usable and not os.path.isfile(usable[CONFIG]):
        del usable[CONFIG]
    return {**usable, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
