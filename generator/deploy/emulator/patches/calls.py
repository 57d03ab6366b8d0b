"""Calls that moto doesn't know fail at once.

It answers them with HTTP 500, which each AWS SDK takes for a passing trouble and tries again for minutes.
"""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import BaseResponse

from generator.deploy.emulator.patches.replace import replace


def apply() -> None:
    replace(BaseResponse, "call_action", _failing_fast)


def _failing_fast(call_action: Any) -> Any:
    def answer(self: Any) -> Any:
        try:
            return call_action(self)
        except NotImplementedError as error:
            message = f"the embedded AWS can't do this: {error}"
            headers = {"status": "400", "x-amzn-errortype": "UnknownOperationException"}
            return 400, headers, json.dumps({"__type": "UnknownOperationException", "message": message})

    return answer
