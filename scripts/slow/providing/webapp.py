"""The program under test."""

import base64
import os
import re
import tempfile

from browser import request
from processes import Process, free_port, until, wait_for


class WebApp:
    """One process of webapp with the settings of one registration."""

    def __init__(self, program, name, port):
        self.program, self.name, self.port = os.path.abspath(program), name, port
        self.url = f"http://localhost:{port}"
        self.folder = tempfile.TemporaryDirectory(prefix=f"providers-{name}-")
        self.process = None

    def start(self, settings):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": self.folder.name,
            "PORT": str(self.port),
            "AAD_STATE_DIR": self.folder.name,
            "AAD_SESSION_STORE": "memory",
            "AAD_SESSION_SECRET": base64.b64encode(os.urandom(64)).decode(),
            "AAD_RECHECK": "1m",
            "SHUTDOWN_DELAY": "0",
            **settings,
        }
        self.process = Process(f"webapp ({self.name})", [self.program], environment, self.folder.name)
        try:
            wait_for(self.process, "webapp listens", lambda: re.search(r"\bready url=", self.process.output(400)), 60)
        except RuntimeError as error:
            raise AssertionError(str(error)) from None
        return self

    def stop(self):
        if self.process:
            self.process.end()
        self.folder.cleanup()

    def me(self, browser):
        """Who is signed in, `None` without session."""
        page = browser.fetch(f"{self.url}/api/me")
        if page.status == 401:
            return None
        assert page.status == 200, page.summary()
        return page.json()

    def readiness(self):
        status, _, text = request("GET", f"{self.url}/readyz")
        return status, text

    def is_ready(self):
        status, text = self.readiness()
        return status == 200 and '"ready"' in text

    def wait_ready(self, patience=60):
        try:
            until("webapp is ready", self.is_ready, patience)
        except AssertionError:
            raise AssertionError(f"/readyz says {self.readiness()}") from None

    def log(self):
        """What it has logged, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", "".join(self.process.lines))


def ports(names):
    return {name: free_port() for name in names}
