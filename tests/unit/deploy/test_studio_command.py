"""The command of docs/jobs.md makes a visual job: run as it stands there, with a stand-in for the AWS command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from generator.deploy.aws import Aws
from tests.conftest import ROOT

STAND_IN = """\
#!/bin/sh
[ "$1 $2 $3" = "glue create-job --cli-input-json" ] && [ $# = 4 ] && printf %s "$4" > "$SENT"
"""


@pytest.mark.parametrize("file", sorted((ROOT / "build/studio").glob("*.json")), ids=lambda path: path.stem)
def test_the_documented_command_makes_a_visual_job(file: Path, aws: Aws, tmp_path: Path) -> None:
    (command,) = re.findall(r"^\$ (aws glue create-job .*)$", (ROOT / "docs/jobs.md").read_text(encoding="utf-8"), re.M)
    tool, sent = tmp_path / "aws", tmp_path / "sent.json"
    tool.write_text(STAND_IN)
    tool.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SENT": str(sent)}
    line = command.replace("build/studio/accelerometer_trusted.json", str(file))
    subprocess.run(["sh", "-c", line], env=environment, cwd=ROOT, check=True)
    text = sent.read_text(encoding="utf-8")
    assert "${" not in text
    request = json.loads(text)
    aws.glue.create_job(**request)
    job = aws.glue.get_job(JobName=f"{file.stem}-studio")["Job"]
    assert job["CodeGenConfigurationNodes"] == request["CodeGenConfigurationNodes"]
    assert job["Command"]["ScriptLocation"] == f"s3://my-bucket/studio/{file.stem}.py" and job["Role"] == "my-glue-role"
    assert job["JobMode"] == "VISUAL"
