"""The door of ``mailup-oauth``: exit codes, and what a person is told who has not installed what it needs."""

from collections.abc import Sequence

from ...domain.errors import MailUpOAuthError
from .words import complain

OK, FAILED, CANCELLED = 0, 1, 130
"""Exit codes; 2 is a wrong call."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that was asked for, on the command line unless told otherwise, and return its exit code."""
    try:
        from .commands import app  # noqa: PLC0415  # what it imports may not be installed

        succeeds = app(arguments, result_action="return_value")
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        complain(f'mailup-oauth needs {package}. Run: pip install "mailup-oauth[cli]"')
        return FAILED
    except MailUpOAuthError as error:
        complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        return CANCELLED
    return FAILED if succeeds is False else OK
