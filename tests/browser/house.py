"""
A Chromium, the thread in which Playwright lives, and the people who rest until a test needs them.

Playwright's synchronous API occupies the event loop of its thread, so it lives in a thread of its own, and whole tests run
there: nothing else in the process notices it.  It waits for some answers for ever, so a Chromium that is waited for too long
is ended: the test that waited fails where it waited, and the next one gets another Chromium.
"""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Timer

from playwright.sync_api import sync_playwright
from tests.browser.person import Person
from tests.chromium import CHROMIUM

PATIENCE = 80.0
"""Seconds for a whole test; pytest's own time-out comes later, and could not end what another thread does."""
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
]


class House(ThreadPoolExecutor):
    """
    What a worker's tests with a browser share.

    Attributes:
        pid: Chromium's process, if there is one.
    """

    def __init__(self):
        super().__init__(1, thread_name_prefix="playwright")
        self.pid = None
        self._driver = self._browser = None
        self._resting = {}

    def does(self, deed, *arguments, **named):
        """Return what a deed returns, which is done in Playwright's thread; end Chromium if it does not end."""
        doing = self.submit(deed, *arguments, **named)
        watch = Timer(PATIENCE, self._end, [doing])
        watch.start()
        try:
            return doing.result()
        finally:
            watch.cancel()

    def person(self, app, **options):
        """Return somebody before an application, in a browser context of their own with some options."""
        if not self._browser or not self._browser.is_connected():
            self._start()
        resting = self._resting.setdefault(repr(options), [])
        person = resting.pop() if resting else Person(self._browser, **options)
        person.room = resting
        return person.before(app)

    def rest(self, person):
        """Let somebody forget everything and rest."""
        person.leaves()
        person.room.append(person)

    def close(self):
        """End all."""
        if self._driver:
            self._browser.close()
            self._driver.stop()

    def _start(self):
        """Start a Chromium; whoever rested in another one is gone with it."""
        self._resting.clear()
        self._driver = self._driver or sync_playwright().start()
        self._browser = self._driver.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        processes = self._browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        self.pid = next(one["id"] for one in processes if one["type"] == "browser")

    def _end(self, doing):
        """End Chromium, if there is one and somebody still waits for it."""
        if self.pid and not doing.done():
            os.kill(self.pid, signal.SIGKILL)
