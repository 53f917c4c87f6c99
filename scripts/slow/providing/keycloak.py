"""Keycloak, in development mode, with a realm of its own."""

import json
import os
import zipfile

from provider import ADA, BOB, SECRET, Provider, call, need
from registries import maven

VERSION = "26.7.0"
REALM = "providers"
ADMINISTRATOR = "administrator"


class Keycloak(Provider):
    name = "Keycloak"
    version = VERSION
    access_token_seconds = 20
    # So long the server keeps the sign-in pages of other tabs after a sign-in.
    stale_seconds = 25
    priority = 900

    def obtain(self):
        need("java", "17 or newer")
        archive = maven(self.cache, "org.keycloak", "keycloak-quarkus-dist", VERSION, "zip")
        # A copy for each run: the server builds itself, and keeps its database, in its own folder.
        with zipfile.ZipFile(archive) as file:
            file.extractall(self.folder)
        self.home = os.path.join(self.folder, f"keycloak-{VERSION}")
        os.chmod(os.path.join(self.home, "bin", "kc.sh"), 0o755)

    def prepare(self):
        folder = os.path.join(self.home, "data", "import")
        os.makedirs(folder)
        with open(os.path.join(folder, f"{REALM}-realm.json"), "w") as file:
            json.dump(self.realm(), file)

    @property
    def issuer(self):
        return f"{self.url}/realms/{REALM}"

    def command(self):
        program = os.path.join(self.home, "bin", "kc.sh")
        arguments = [program, "start-dev", "--http-host=127.0.0.1", f"--http-port={self.upstream}",
                     f"--hostname={self.url}", "--import-realm"]
        return arguments, {
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": SECRET,
            "KC_CACHE": "local",
            "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx768m",
        }

    def realm(self):
        return {
            "realm": REALM, "enabled": True, "sslRequired": "none",
            "accessTokenLifespan": self.access_token_seconds, "accessCodeLifespan": self.stale_seconds - 5,
            "roles": {"realm": [{"name": "Admin"}, {"name": "Reader"}]},
            "groups": [{"name": "staff"}],
            "users": [person(ADA, ["Admin"], ["/staff"]), person(BOB, [], [])],
            "clients": [self.client(name, url) for name, url in self.applications.items()],
        }

    def client(self, name, url):
        attributes = {"post.logout.redirect.uris": f"{url}/auth/post_sign_out"}
        if name == "front":
            attributes["frontchannel.logout.url"] = f"{url}/auth/front_channel_sign_out"
            attributes["frontchannel.logout.session.required"] = "true"
        else:
            attributes["backchannel.logout.url"] = f"{url}/auth/back_channel_sign_out"
            attributes["backchannel.logout.session.required"] = "true"
        # By Keycloak's own claim, or under the name that webapp reads by default.
        roles = "realm_access.roles" if name == "roles" else "roles"
        return {
            "clientId": client_id(name), "name": f"webapp ({name})", "secret": SECRET, "enabled": True,
            "redirectUris": [f"{url}/auth/redirect"], "standardFlowEnabled": True,
            "directAccessGrantsEnabled": False, "frontchannelLogout": name == "front",
            "consentRequired": name == "consent", "attributes": attributes,
            "protocolMappers": [
                mapper("roles for webapp", "oidc-usermodel-realm-role-mapper",
                       {"claim.name": roles, "multivalued": "true", "jsonType.label": "String"}),
                mapper("groups for webapp", "oidc-group-membership-mapper",
                       {"claim.name": "groups", "full.path": "false"}),
            ],
        }

    def settings(self, application):
        more = {"AAD_ROLES_CLAIM": "realm_access.roles"} if application == "roles" else {}
        return {"AAD_CLIENT_ID": client_id(application), **more}

    # The pages.

    def is_asking(self, page):
        return page.url.startswith(self.issuer) and page.has_field("password")

    def enter(self, browser, page, person):
        page = browser.submit(page, {"username": person.user, "password": person.password}, to="authenticate")
        return browser.submit(page, button="accept") if page.has_button("accept") else page

    def cancel(self, browser, page):
        page = browser.submit(page, {"username": ADA.user, "password": ADA.password}, to="authenticate")
        return browser.submit(page, button="cancel")

    def switch(self, browser, page, person):
        """From the page that asks the signed-in user again to the one that asks for anybody."""
        restart = next((link for link in page.links if "restart" in link), None)
        assert restart, f"no link to begin again as another user: {page.summary()}"
        return self.enter(browser, browser.follow(page, restart), person)

    def confirm_sign_out(self, browser, page):
        return browser.submit(page, button="confirmLogout") if page.has_button("confirmLogout") else page

    def sign_out_at_provider(self, browser):
        page = browser.open(f"{self.issuer}/protocol/openid-connect/logout")
        return self.confirm_sign_out(browser, page)

    # The administrator.

    def admin(self, method, path, value=None):
        token = call("POST", f"{self.url}/realms/master/protocol/openid-connect/token", form={
            "grant_type": "password", "client_id": "admin-cli", "username": ADMINISTRATOR, "password": SECRET})
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        return call(method, f"{self.url}/admin/realms/{REALM}{path}", value, headers)

    def user_id(self, person):
        return self.admin("GET", f"/users?exact=true&username={person.user}")[0]["id"]

    def change_roles(self, person):
        """Takes Admin away and gives Reader; says which roles are right from then on."""
        user = self.user_id(person)
        roles = {name: self.admin("GET", f"/roles/{name}") for name in ("Admin", "Reader")}
        self.admin("DELETE", f"/users/{user}/role-mappings/realm", [roles["Admin"]])
        self.admin("POST", f"/users/{user}/role-mappings/realm", [roles["Reader"]])
        return {"Reader"}, {"Admin"}

    def revoke(self, person):
        """The administrator disables the account, which sends no logout token."""
        self.admin("PUT", f"/users/{self.user_id(person)}", {"enabled": False})

    def end_sessions(self, person):
        self.admin("POST", f"/users/{self.user_id(person)}/logout")

    def rotate_keys(self):
        """A new key that signs from now on; the old one stays published."""
        realm = self.admin("GET", "")
        self.old_keys = [
            key for key in self.admin("GET", "/components?type=org.keycloak.keys.KeyProvider")
            if key["providerId"] == "rsa-generated"]
        # Of two keys with the same priority any may sign.
        self.priority += 1
        self.admin("POST", "/components", {
            "name": "next", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": realm["id"], "config": {"priority": [str(self.priority)], "keySize": ["2048"], "algorithm": ["RS256"]}})

    def drop_old_keys(self):
        for key in self.old_keys:
            self.admin("DELETE", f"/components/{key['id']}")


def client_id(application):
    return f"webapp-{application}"


def person(who, roles, groups):
    first, _, last = who.name.partition(" ")
    return {
        "username": who.user, "enabled": True, "email": who.email, "emailVerified": True, "firstName": first,
        "lastName": last, "realmRoles": roles, "groups": groups,
        "credentials": [{"type": "password", "value": who.password, "temporary": False}],
    }


def mapper(name, kind, config):
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": {
        "id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true", **config}}
