"""Where the program begins and ends: while nothing is loaded yet, and when all is done, Ctrl-C is a quiet end; for the script alone."""

import signal

_IS_HEARD = signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""Not so where whoever started the program has it ignore Ctrl-C, as shells do in the background."""

if _IS_HEARD:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends the process, in place of an exception in what is half loaded


def run() -> int:
    """Run the command line, for which Ctrl-C is an exception, and return its exit code."""
    from .app import main  # noqa: PLC0415  # what takes long

    if not _IS_HEARD:
        return main()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return main()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
