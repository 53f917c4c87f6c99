"""Dex with SQLite and its own passwords."""

import json
import os
import sqlite3

from provider import ADA, BOB, SECRET, Provider, Unavailable
from registries import go_build_checkout

# Dex's example: "password".
PASSWORD, HASH = "password", "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W"
ROTATION = 75


class Dex(Provider):
    """A checkout of Dex: its module has parts that stand in its repository only."""

    name = "Dex"
    variable, label = "AAD_PROVIDERS_DEX", "release"
    version = ""
    has_roles = False
    access_token_seconds = 20
    rotation_seconds = 3 * ROTATION
    # A logout token, where there are sessions at all.
    administrator_patience = 30
    not_offered = {
        "cancelled sign-in": "Dex keeps the user on a page of its own",
        "sign-out by an administrator": "by gRPC only",
    }

    def obtain(self):
        checkout = os.environ.get(self.variable, "")
        if not os.path.exists(os.path.join(checkout, "go.mod")):
            raise Unavailable(f"{self.variable} names no checkout of Dex; it cannot be built from a registry")
        self.program = go_build_checkout(self.cache, "dex", self.label, checkout, "./cmd/dex")

    def prepare(self):
        self.database = os.path.join(self.folder, "dex.sqlite")
        self.config = os.path.join(self.folder, "dex.json")
        with open(self.config, "w") as file:
            json.dump(self.configuration(), file)

    @property
    def issuer(self):
        return f"{self.url}/dex"

    def configuration(self):
        return {
            "issuer": self.issuer,
            "storage": {"type": "sqlite3", "config": {"file": self.database}},
            "web": {"http": f"127.0.0.1:{self.upstream}"},
            "oauth2": {"skipApprovalScreen": False},
            "expiry": {"idTokens": f"{self.access_token_seconds}s", "signingKeys": f"{ROTATION}s"},
            "enablePasswordDB": True,
            "staticPasswords": [
                described(ADA, "11111111-aaaa-4111-8111-000000000001", ["staff", "Admin"]),
                described(BOB, "11111111-aaaa-4111-8111-000000000002", [])],
            "staticClients": [client(name, url) for name, url in self.applications.items()],
        }

    def command(self):
        return [self.program, "serve", self.config], {}

    def settings(self, application):
        more = {"AAD_ROLES_CLAIM": "groups"} if application == "roles" else {}
        return {"AAD_CLIENT_ID": client_id(application), "AAD_SCOPES": "openid profile email groups offline_access", **more}

    # The pages.

    def is_asking(self, page):
        return page.url.startswith(self.issuer) and page.has_field("password")

    def enter(self, browser, page, person):
        if self.is_asking(page):
            page = browser.submit(page, {"login": person.email, "password": PASSWORD, "remember_me": "on"})
        if page.has_field("approval"):
            page = browser.submit(page)
        return page

    def switch(self, browser, page, person):
        return self.enter(browser, page, person)

    def confirm_sign_out(self, browser, page):
        return browser.submit(page, to="logout") if page.forms else page

    def sign_out_at_provider(self, browser):
        return self.confirm_sign_out(browser, browser.open(f"{self.issuer}/logout"))

    # The administrator: what `RevokeRefresh` of its API does, in the database.

    def revoke(self, person):
        with sqlite3.connect(self.database, timeout=30) as database:
            database.execute("delete from refresh_token where claims_email = ?", [person.email])

    def rotate_keys(self):
        """By the clock only."""

    drop_old_keys = rotate_keys


class DexNext(Dex):
    """Dex as it is being developed, with sessions of its own and a sign-out."""

    name = "Dex, next"
    variable, label = "AAD_PROVIDERS_DEX_NEXT", "next"
    not_offered = {**Dex.not_offered,
                   "sign-out with a key that is gone": "its sign-out takes no way back without a hint"}

    def command(self):
        return [self.program, "serve", self.config], {"DEX_SESSIONS_ENABLED": "true"}

    def configuration(self):
        return {**super().configuration(), "sessions": {"ssoSharedWithDefault": "all"}}


def client_id(application):
    return f"webapp-{application}"


def client(name, url):
    return {"id": client_id(name), "name": f"webapp ({name})", "secret": SECRET,
            "redirectURIs": [f"{url}/auth/redirect"], "postLogoutRedirectURIs": [f"{url}/auth/post_sign_out"],
            "backchannelLogoutURI": f"{url}/auth/back_channel_sign_out"}


def described(person, user_id, groups):
    return {"email": person.email, "hash": HASH, "username": person.name, "userID": user_id, "groups": groups}
