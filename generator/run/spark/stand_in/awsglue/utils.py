"""Job arguments, read as strictly as Glue 6.0 reads them: whole names only, and all of them have to be there."""

from collections.abc import Sequence


class GlueArgumentError(Exception):
    """An argument is missing, or has no value."""


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, str]:
    """The values of `options` among the command line `args`, whose first element is the script."""
    given: dict[str, str] = {}
    waiting = iter(args[1:])
    for argument in waiting:
        name, equals, value = argument.removeprefix("--").partition("=")
        if argument.startswith("--") and name in options:
            found = value if equals else next(waiting, None)
            if found is None:
                raise GlueArgumentError(f"argument --{name}: expected one argument")
            given[name] = found
    missing = [f"--{name}" for name in options if name not in given]
    if missing:
        raise GlueArgumentError(f"the following arguments are required: {', '.join(missing)}")
    return given
