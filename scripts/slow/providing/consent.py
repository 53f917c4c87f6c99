"""The pages that Ory Hydra leaves to its operator: login, consent and logout, by its administration API."""

import html
import json
from urllib.parse import parse_qs, urlsplit

from provider import call
from wire import Quiet, serve


class Consent:
    """Everybody who gives the right password is let in, and agrees to everything."""

    def __init__(self, admin_url, people):
        self.admin_url = admin_url
        self.people = {person.user: person for person in people}
        self.roles, self.groups, self.sessions = {}, {}, {}
        consent = self

        class Handler(Quiet):
            def do_GET(self):
                self.send(consent.get(urlsplit(self.path)))

            def do_POST(self):
                self.send(consent.post(urlsplit(self.path), self.body().decode()))

            def send(self, answer):
                kind, text = answer
                if kind == "redirect":
                    self.answer(303, [("Location", text)], b"")
                else:
                    self.answer(200, [("Content-Type", kind)], text.encode())

        self.server = serve(Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def get(self, parts):
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        kind = parts.path.strip("/")
        challenge = query.get(f"{kind}_challenge", "")
        found = self.request("GET", kind, "", challenge)
        if kind == "login":
            if found["skip"]:
                return self.accept(kind, challenge, {"subject": found["subject"]})
            return form(kind, challenge, '<input name="username"><input type="password" name="password">'
                                         '<button name="cancel" value="yes">Cancel</button>')
        if kind == "consent":
            return self.consent(challenge, found)
        if found.get("rp_initiated"):
            return self.accept(kind, challenge, None)
        return form(kind, challenge, '<button name="confirmLogout" value="yes">Sign out</button>')

    def post(self, parts, body):
        kind = parts.path.strip("/")
        if kind == "refresh":
            return "application/json", json.dumps(self.refreshed(json.loads(body)))
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        challenge = fields["challenge"]
        if kind == "login":
            if "cancel" in fields:
                answer = self.request("PUT", kind, "/reject", challenge, {
                    "error": "access_denied", "error_description": "The user has cancelled.", "status_code": 403})
                return "redirect", answer["redirect_to"]
            person = self.people[fields["username"]]
            assert fields["password"] == person.password
            return self.accept(kind, challenge, {"subject": person.user, "remember": True, "remember_for": 3600})
        return self.accept(kind, challenge, None)

    def consent(self, challenge, found):
        self.sessions.setdefault(found["subject"], set()).add(found["login_session_id"])
        return self.accept("consent", challenge, {
            "grant_scope": found["requested_scope"],
            "grant_access_token_audience": found["requested_access_token_audience"],
            "session": {"id_token": self.claims(found["subject"])},
        })

    def refreshed(self, hook):
        """What a refresh tells of the user: claims of today."""
        subject = hook["session"]["id_token"]["subject"]
        return {"session": {"id_token": self.claims(subject)}}

    def claims(self, subject):
        person = self.people[subject]
        return {"name": person.name, "email": person.email, "preferred_username": person.user,
                "roles": self.roles.get(subject, []), "groups": self.groups.get(subject, [])}

    def accept(self, kind, challenge, value):
        return "redirect", self.request("PUT", kind, "/accept", challenge, value)["redirect_to"]

    def request(self, method, kind, action, challenge, value=None):
        url = f"{self.admin_url}/admin/oauth2/auth/requests/{kind}{action}?{kind}_challenge={challenge}"
        return call(method, url, value)


def form(kind, challenge, fields):
    return "text/html", (f'<!doctype html><title>{kind}</title><form method="post" action="/{kind}">'
                         f'<input type="hidden" name="challenge" value="{html.escape(challenge)}">{fields}</form>')
