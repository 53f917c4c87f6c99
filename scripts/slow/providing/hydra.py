"""Ory Hydra with SQLite, and the pages of `consent.py`."""

import json
import os
import subprocess
import uuid

from consent import Consent
from processes import free_port
from provider import ADA, BOB, SECRET, Provider, call, minimal
from registries import go_build

VERSION = "2.3.0"
KEY_SET = "hydra.openid.id-token"
# Hydra itself replaces this one.
POP = "github.com/gobuffalo/pop/v6=github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b"
SCOPES = "openid offline_access profile email"


class Hydra(Provider):
    name = "Ory Hydra"
    version = VERSION
    access_token_seconds = 15
    not_offered = {
        "roles in a claim of the server's own": "the consent application writes the claims",
        "sign-out with a key that is gone": "its sign-out takes no way back without a hint",
    }

    def obtain(self):
        self.program = go_build(
            self.cache, "hydra", VERSION, "github.com/ory/hydra/v2", [f"github.com/ory/hydra/v2@v{VERSION}"],
            tags="sqlite,sqlite_omit_load_extension", replace=[POP])

    def prepare(self):
        self.admin_port = free_port()
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"
        self.consent = Consent(self.admin_url, [ADA, BOB])
        self.consent.roles[ADA.user], self.consent.groups[ADA.user] = ["Admin"], ["staff"]
        self.config = os.path.join(self.folder, "hydra.json")
        with open(self.config, "w") as file:
            json.dump(self.configuration(), file)
        subprocess.run([self.program, "migrate", "sql", "up", "-e", "-y", "-c", self.config], check=True,
                       env={**minimal(), **self.environment()}, cwd=self.folder, capture_output=True)

    def configuration(self):
        return {
            "serve": {"public": {"host": "127.0.0.1", "port": self.upstream},
                      "admin": {"host": "127.0.0.1", "port": self.admin_port}},
            "urls": {"self": {"issuer": self.url, "public": self.url},
                     "login": f"{self.consent.url}/login", "consent": f"{self.consent.url}/consent",
                     "logout": f"{self.consent.url}/logout"},
            "secrets": {"system": [SECRET]},
            "ttl": {"access_token": f"{self.access_token_seconds}s"},
            "oauth2": {"refresh_token_hook": f"{self.consent.url}/refresh"},
            "log": {"level": "warn"},
        }

    def environment(self):
        # No report to its makers: nothing outside this machine is spoken to.
        # SQLite has one writer: a sign-out and the revocation beside it wait for each other.
        options = "_fk=true&_journal_mode=WAL"
        return {"DSN": f"sqlite://{self.folder}/hydra.sqlite?{options}", "SQA_OPT_OUT": "true"}

    def command(self):
        return [self.program, "serve", "all", "--dev", "--sqa-opt-out", "-c", self.config], self.environment()

    def register(self):
        known = {client["client_id"] for client in call("GET", f"{self.admin_url}/admin/clients")}
        for name, url in self.applications.items():
            if client_id(name) not in known:
                call("POST", f"{self.admin_url}/admin/clients", client(name, url))

    def settings(self, application):
        # Not AAD_CLIENT_AUTH: Hydra registers clients for Basic and announces both ways.
        return {"AAD_CLIENT_ID": client_id(application), "AAD_SCOPES": SCOPES}

    # The pages.

    def is_asking(self, page):
        return page.url.startswith(self.consent.url) and page.has_field("password")

    def enter(self, browser, page, person):
        if not self.is_asking(page):
            return page
        return browser.submit(page, {"username": person.user, "password": person.password})

    def cancel(self, browser, page):
        return browser.submit(page, button="cancel")

    def switch(self, browser, page, person):
        return self.enter(browser, page, person)

    def confirm_sign_out(self, browser, page):
        return browser.submit(page, button="confirmLogout") if page.has_button("confirmLogout") else page

    def sign_out_at_provider(self, browser):
        page = browser.open(f"{self.url}/oauth2/sessions/logout")
        return self.confirm_sign_out(browser, page)

    # The administrator.

    def change_roles(self, person):
        self.consent.roles[person.user] = ["Reader"]
        return {"Reader"}, {"Admin"}

    def revoke(self, person):
        call("DELETE", f"{self.admin_url}/admin/oauth2/auth/sessions/consent?subject={person.user}&all=true")

    def end_sessions(self, person):
        for session in self.consent.sessions.pop(person.user, ()):
            call("DELETE", f"{self.admin_url}/admin/oauth2/auth/sessions/login?sid={session}", accept=(204, 404))

    def rotate_keys(self):
        self.old_keys = [key["kid"] for key in call("GET", f"{self.admin_url}/admin/keys/{KEY_SET}")["keys"]]
        call("POST", f"{self.admin_url}/admin/keys/{KEY_SET}", {
            "alg": "RS256", "use": "sig", "kid": str(uuid.uuid4())})

    def drop_old_keys(self):
        for key in self.old_keys:
            call("DELETE", f"{self.admin_url}/admin/keys/{KEY_SET}/{key}")


def client_id(application):
    return f"webapp-{application}"


def client(name, url):
    channel = "front" if name == "front" else "back"
    return {
        "client_id": client_id(name), "client_name": f"webapp ({name})", "client_secret": SECRET, "scope": SCOPES,
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "redirect_uris": [f"{url}/auth/redirect"], "post_logout_redirect_uris": [f"{url}/auth/post_sign_out"],
        f"{channel}channel_logout_uri": f"{url}/auth/{channel}_channel_sign_out",
        f"{channel}channel_logout_session_required": True, "skip_consent": False,
    }
