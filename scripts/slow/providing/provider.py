"""What every server has to offer for the walk."""

import json
import os
import shutil
import signal
from dataclasses import dataclass
from urllib.parse import urlencode

from browser import request
from processes import Process, free_port, is_listening, wait_for
from wire import Recorder

SECRET = "not-a-secret-of-anybody-but-long-enough-0123"


class Unavailable(Exception):
    """The server cannot be had; the text says why."""


@dataclass(frozen=True)
class Person:
    user: str
    name: str
    password: str = "a-password-of-nobody"

    @property
    def email(self):
        return f"{self.user}@example.test"


ADA = Person("ada", "Ada Adams")
BOB = Person("bob", "Bob Brown")


class Provider:
    """A server with two people and one registration for each application of the walk.

    `applications` maps the name of a set-up (`main`, `front`, ...) to the address of its webapp.
    """

    name = version = ""
    # Steps that the server has no part in, and why.
    not_offered = {}
    has_roles = True
    # Whether refresh tokens outlive a restart.
    keeps_sessions = True
    # How long an access token is valid.
    access_token_seconds = 20
    # After which time a sign-in page that was left open has expired at the server.
    stale_seconds = 0
    # How long an administrator's sign-out takes to be known: at once where a logout token comes.
    administrator_patience = 30
    # How long a server that changes its keys by the clock needs.
    rotation_seconds = 30

    def __init__(self, cache, folder, applications):
        self.cache, self.folder, self.applications = cache, folder, applications
        self.upstream = free_port()
        self.recorder = Recorder(self.upstream)
        self.url = f"http://127.0.0.1:{self.recorder.port}"
        self.process = None
        # Subject of each person, as webapp saw it first.
        self.subjects = {}

    # What a server must say.

    @property
    def issuer(self):
        return self.url

    def obtain(self):
        """Downloads and builds. Raises `Unavailable`."""

    def prepare(self):
        """Writes configuration, before the first start."""

    def command(self):
        """Arguments and environment of the process."""
        raise NotImplementedError

    def settings(self, application):
        """The settings of webapp that this server needs beside issuer, client and secret."""
        return {}

    def is_asking(self, page):
        """Whether the page asks for name and password."""
        raise NotImplementedError

    def enter(self, browser, page, person):
        """Fills in name and password, and agrees to what is asked then."""
        raise NotImplementedError

    def change_roles(self, person):
        """Changes roles, and returns those that are right and those that are gone; `None` without roles."""

    def confirm_sign_out(self, browser, page):
        """Agrees to the sign-out where the server asks."""
        return page

    def register(self):
        """After each start: clients, where the configuration has none."""

    # What most servers do alike.

    def start(self):
        arguments, environment = self.command()
        self.process = Process(self.name, arguments, {**minimal(), **environment}, self.folder)
        wait_for(self.process, f"{self.name} answers", self.answers)
        self.register()

    def answers(self):
        if not is_listening(self.upstream):
            return False
        try:
            return self.metadata() is not None
        except (OSError, ValueError, AssertionError):
            return False

    def metadata(self):
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        status, _, text = request("GET", url, patience=20)
        assert status == 200, f"{url} answers {status}"
        return json.loads(text)

    def keys(self):
        status, _, text = request("GET", self.metadata()["jwks_uri"])
        assert status == 200, f"the key set is answered {status}"
        return [key.get("kid") for key in json.loads(text)["keys"]]

    def kill(self):
        self.process.end(signal.SIGKILL)

    def stop(self):
        if self.process:
            self.process.end()
            self.process = None


def minimal():
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def need(program, purpose):
    if not shutil.which(program):
        raise Unavailable(f"{program} is missing ({purpose})")


def call(method, url, value=None, headers=None, form=None, accept=(200, 201, 204)):
    """A call of an administrator: JSON in, JSON out."""
    headers = dict(headers or {})
    body = None
    if form is not None:
        body, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
    elif value is not None:
        body, headers["Content-Type"] = json.dumps(value), "application/json"
    status, _, text = request(method, url, body, headers)
    if status not in accept:
        raise RuntimeError(f"{method} {url} is answered {status}: {text[:300]}")
    try:
        return json.loads(text)
    except ValueError:
        return None
