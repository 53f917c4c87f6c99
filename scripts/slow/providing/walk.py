"""The way of two people through one server. Each step ends in one line of the report."""

import re
from http.client import HTTPException
from urllib.parse import urlsplit

from browser import Browser
from processes import until
from provider import SECRET
from report import FAILED, SKIPPED, WORKS
from webapp import WebApp

SOON = 30


class NotOffered(Exception):
    """The server has no part in this step; the text says why."""


def collect():
    """A list of steps, and the decorator that adds one to it."""
    steps = []

    def step(title):
        def add(function):
            steps.append((title, function))
            return function
        return add
    return steps, step


class Walk:
    def __init__(self, provider, program, graph, report):
        self.provider, self.program, self.graph, self.report = provider, program, graph, report
        self.apps = {}
        # What one step leaves to the next: an application and a browser.
        self.revoked = self.early = None

    def run(self, steps, only=()):
        for title, function in steps:
            if only and title not in only:
                continue
            reason = self.provider.not_offered.get(title)
            if reason:
                self.report.note(self.provider.name, title, SKIPPED, reason)
            else:
                self.take(title, function)

    def take(self, title, function):
        self.read = {app: len(app.log()) for app in self.apps.values()}
        try:
            outcome, reason = WORKS, function(self) or ""
        except NotOffered as error:
            outcome, reason = SKIPPED, str(error)
        except (AssertionError, OSError, HTTPException, RuntimeError, ValueError, LookupError) as error:
            outcome, reason = FAILED, self.explained(error)
        self.report.note(self.provider.name, title, outcome, reason)

    def explained(self, error):
        """The error, and what webapp has warned of during the step."""
        lines = [str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"]
        for app in self.apps.values():
            new = app.log()[self.read.get(app, 0):].splitlines()
            lines += [f"    {app.name}: {line}" for line in new if re.search(" (WARN|ERROR) ", line)][-4:]
        return "\n".join(lines)

    def stop(self):
        for app in self.apps.values():
            app.stop()

    def app(self, name="main", **more):
        """The webapp of one registration; started when it is first asked for."""
        key = name + ("" if not more else " " + " ".join(more))
        if key not in self.apps:
            port = urlsplit(self.provider.applications[name]).port
            app = WebApp(self.program, key, port)
            self.apps[key] = app
            app.start({
                "AAD_AUTHORITY": self.provider.issuer,
                "AAD_CLIENT_SECRET": SECRET,
                "AAD_GRAPH_URL": self.graph.url,
                **self.provider.settings(name),
                **more,
            })
        return self.apps[key]

    def sign_in(self, person, app=None, browser=None, path="/token_details"):
        """Signs in by a deep link, and ends there. Returns the browser."""
        app, browser = app or self.app(), browser or Browser()
        page = browser.open(f"{app.url}{path}")
        assert self.provider.is_asking(page), f"the server does not ask for a password: {page.summary()}"
        page = self.provider.enter(browser, page, person)
        self.assert_is_at(page, f"{app.url}{path}")
        self.assert_is(app, browser, person)
        return browser

    def assert_is_at(self, page, url):
        assert page.status == 200 and page.url == url, f"not at {urlsplit(url).path}: {page.summary()}"

    def assert_is(self, app, browser, person):
        me = app.me(browser)
        assert me, "nobody is signed in"
        assert me["iss"] == self.provider.issuer, f"issuer {me['iss']}"
        known = self.provider.subjects.setdefault(person, me["sub"])
        assert me["sub"] == known, f"signed in as another user than {person.user}"
        return me

    def wait_signed_out(self, app, browser, what, patience=SOON):
        until(what, lambda: app.me(browser) is None, patience, 0.5)
