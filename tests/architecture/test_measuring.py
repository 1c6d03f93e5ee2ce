"""Which lines are taken is measured in the processes of the tests alone, never in those that they begin."""

import subprocess
import sys


def test_no_other_process_is_measured():
    """
    A child begun here knows nothing of coverage.py.

    At every call of what it measures, coverage.py holds a lock while it runs Python: the exception of a signal
    that arrives there leaves the lock held, and the process waits for it for ever (coveragepy issue 1892).
    Children are ended by signals all the time; what the core's branches do is seen without them.
    """
    child = [sys.executable, "-c", "import sys; print('coverage' in sys.modules)"]
    assert "False\n" == subprocess.run(child, capture_output=True, text=True, check=True).stdout
