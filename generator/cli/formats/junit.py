"""Results of tests as JUnit's XML, which CI systems show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.etree import ElementTree

from generator.printable import plain
from generator.run.row_tests.result import TestResult


def format_junit(lake: str, results: Sequence[TestResult], details: Callable[[TestResult], str]) -> str:
    """One suite with a case for each test.

    Args:
        details: what a failed test's report says.
    """
    failed = sum(one.failed and not one.problem for one in results)
    errors = sum(bool(one.problem) for one in results)
    counts = {
        "tests": str(len(results)),
        "failures": str(failed),
        "errors": str(errors),
        "time": f"{sum(one.seconds for one in results):.4f}",
    }
    top = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(top, "testsuite", {"name": plain(lake), "skipped": "0", **counts})
    for one in results:
        test = one.test
        place = {"classname": plain(test.file), "name": plain(test.name), "file": plain(test.file)}
        time = f"{one.seconds:.4f}"
        case = ElementTree.SubElement(suite, "testcase", {**place, "line": str(test.line), "time": time})
        if one.failed:
            text = plain(details(one))
            message = text.strip().split("\n")[0].strip()
            ElementTree.SubElement(case, "error" if one.problem else "failure", {"message": message}).text = text
    ElementTree.indent(top)
    return ElementTree.tostring(top, encoding="unicode", xml_declaration=False) + "\n"
