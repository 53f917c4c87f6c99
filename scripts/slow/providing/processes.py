"""Processes that this script starts, and ends."""

import os
import signal
import socket
import subprocess
import threading
import time

START = 300


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """One process in a session of its own, so that what it starts ends with it."""

    def __init__(self, name, arguments, environment, folder):
        self.name, self.lines = name, []
        self.child = subprocess.Popen(
            arguments, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, text=True, errors="replace")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.stdout:
            self.lines.append(line)

    def lives(self):
        return self.child.poll() is None

    def output(self, lines=40):
        return "".join(self.lines[-lines:])

    def end(self, number=signal.SIGTERM, patience=30):
        """Signals the whole group; after `patience` seconds by SIGKILL."""
        self.notify(number)
        try:
            self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.notify(signal.SIGKILL)
            self.child.wait()
        # What the process has started may have outlived it.
        self.notify(signal.SIGKILL)

    def notify(self, number):
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            pass


def until(what, condition, patience, pause=0.2):
    """The first true answer of `condition`."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain: {what}")
        time.sleep(pause)


def wait_for(process, what, condition, patience=START):
    """Waits for a process that starts. Its output explains why it did not."""
    def ask():
        if not process.lives():
            raise RuntimeError(f"{process.name} ended by itself:\n{process.output()}")
        return condition()
    try:
        return until(what, ask, patience)
    except AssertionError as error:
        raise RuntimeError(f"{error}\n{process.output()}") from None


def is_listening(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0
