"""The example server of zitadel/oidc, the library below Zitadel; built with `zitadel_server/main.go`."""

import json
import os

from provider import ADA, BOB, SECRET, Provider, call
from registries import go_build

VERSION = "3.52.0"
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "zitadel_server")


class Zitadel(Provider):
    name = "zitadel/oidc"
    version = VERSION
    has_roles = keeps_sessions = False
    access_token_seconds = 5  # of the five minutes: not waited for
    not_offered = {
        "roles and groups": "the example has neither",
        "roles in a claim of the server's own": "the example has none",
        "the answer to a refresh is lost": "access tokens are valid for five minutes",
        "cancelled sign-in": "its page has no such button",
        "refresh for an API": "access tokens are valid for five minutes; see recheck",
        "sign-out by an administrator": "the example has none",
        "use another account": "the example asks at each sign-in",
    }

    def obtain(self):
        self.program = go_build(
            self.cache, "zitadel", VERSION, ".", [f"github.com/zitadel/oidc/v3@v{VERSION}"], source=SOURCE)

    def prepare(self):
        self.users = os.path.join(self.folder, "users.json")
        with open(self.users, "w") as file:
            json.dump({person.user: described(person) for person in (ADA, BOB)}, file)

    @property
    def issuer(self):
        return f"{self.url}/"

    def command(self):
        redirects = ",".join(f"{url}/auth/redirect" for url in self.applications.values())
        after = ",".join(f"{url}/auth/post_sign_out" for url in self.applications.values())
        arguments = [self.program, f"127.0.0.1:{self.upstream}", self.issuer, redirects, after, self.users]
        return arguments, {"CLIENT_SECRET": SECRET}

    def settings(self, application):
        return {"AAD_CLIENT_ID": "webapp", "AAD_SCOPES": "openid profile email offline_access",
                "AAD_USERINFO": "true"}

    def is_asking(self, page):
        return page.url.startswith(self.url) and page.has_field("password")

    def enter(self, browser, page, person):
        return browser.submit(page, {"username": person.user, "password": person.password})

    # The administrator.

    def revoke(self, person):
        call("POST", f"{self.url}/admin/revoke?user={person.user}")

    def rotate_keys(self):
        call("POST", f"{self.url}/admin/rotate")

    def drop_old_keys(self):
        call("POST", f"{self.url}/admin/drop_old")


def described(person):
    first, _, last = person.name.partition(" ")
    return {"ID": person.user, "Username": person.user, "Password": person.password, "FirstName": first,
            "LastName": last, "Email": person.email, "EmailVerified": True, "PreferredLanguage": "en"}
