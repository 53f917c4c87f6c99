"""The steps up to the session: who is let in, and as whom."""

import time

from browser import Browser
from provider import ADA, BOB
from walk import NotOffered, collect

STEPS, step = collect()


@step("start")
def start(walk):
    app = walk.app()
    app.wait_ready()


@step("sign-in")
def sign_in(walk):
    app = walk.app()
    ada, bob = walk.sign_in(ADA), walk.sign_in(BOB)
    assert app.me(ada)["sub"] != app.me(bob)["sub"], "two people have one subject"


@step("name")
def name(walk):
    """From the ID token or, where a server has it there only, from userinfo."""
    found = walk.app().me(walk.sign_in(ADA))
    assert found["name"] == ADA.name, f"the name is {found['name']!r}"


@step("roles and groups")
def roles_and_groups(walk):
    app = walk.app()
    ada, bob = walk.sign_in(ADA), walk.sign_in(BOB)
    assert "staff" in app.me(ada)["groups"], f"groups {app.me(ada)['groups']}"
    assert app.me(bob)["groups"] == [], f"groups {app.me(bob)['groups']}"
    if not walk.provider.has_roles:
        return "groups only; the server has no roles"
    assert "Admin" in app.me(ada)["roles"], f"roles {app.me(ada)['roles']}"
    page = ada.open(f"{app.url}/admin")
    assert page.status == 200, page.summary()
    page = bob.open(f"{app.url}/admin")
    assert page.status == 403, page.summary()
    return None


@step("roles in a claim of the server's own")
def roles_elsewhere(walk):
    app = walk.app("roles")
    browser = walk.sign_in(ADA, app)
    assert "Admin" in app.me(browser)["roles"], f"roles {app.me(browser)['roles']}"
    page = browser.open(f"{app.url}/admin")
    assert page.status == 200, page.summary()


@step("wrong client secret")
def wrong_secret(walk):
    app = walk.app("wrong", AAD_CLIENT_SECRET="wrong-secret-of-nobody-0123456789")
    browser = Browser()
    page = browser.open(f"{app.url}/token_details")
    page = walk.provider.enter(browser, page, ADA)
    assert page.status >= 400 and page.url.startswith(app.url), page.summary()
    assert app.me(browser) is None, "somebody is signed in"
    status, readiness = app.readiness()
    assert "AAD_CLIENT_SECRET" in readiness, f"/readyz does not name the setting: {status} {readiness}"
    line = next(line for line in app.log().splitlines() if "a sign-in could not be completed" in line)
    assert "AAD_CLIENT_SECRET" in line, f"the log does not name the setting: {line}"


@step("response by form_post")
def form_post(walk):
    if "form_post" not in walk.provider.metadata().get("response_modes_supported", []):
        raise NotOffered("no form_post in the metadata")
    app, browser = walk.app("posted", AAD_RESPONSE_MODE="form_post"), Browser()
    page = walk.provider.enter(browser, browser.open(f"{app.url}/token_details"), ADA)
    posted = 0
    # Once by the server's page and once by webapp's own: pages that send themselves where scripts run.
    while page.has_field("code"):
        page = browser.submit(page)
        posted += 1
    assert posted == 2, f"posted {posted} times: {page.summary()}"
    walk.assert_is_at(page, f"{app.url}/token_details")
    walk.assert_is(app, browser, ADA)


@step("client authentication left to the metadata")
def announced_client_authentication(walk):
    app = walk.app("announced")
    walk.sign_in(ADA, app)
    # The second sign-in begins with what worked.
    before = len(walk.provider.recorder.calls)
    walk.sign_in(ADA, app)
    refused = [call for call in walk.provider.recorder.calls[before:] if call["status"] != 200]
    assert not refused, f"what worked is not remembered: {refused}"


@step("second sign-in without password")
def single_sign_on(walk):
    app = walk.app()
    browser = walk.sign_in(ADA)
    browser.forget("localhost")
    page = browser.open(f"{app.url}/token_details")
    if walk.provider.is_asking(page):
        raise NotOffered("the server asks again each time")
    walk.assert_is_at(page, f"{app.url}/token_details")
    walk.assert_is(app, browser, ADA)


@step("two sign-in pages of one application")
def two_tabs(walk):
    """As after a browser restores its tabs. The server may ask again, but must let in."""
    app, browser = walk.app(), Browser()
    pages = {path: browser.open(f"{app.url}{path}") for path in ("/token_details", "/sessions")}
    for path, page in pages.items():
        page = walk.provider.enter(browser, page, ADA)
        if walk.provider.is_asking(page):
            page = walk.provider.enter(browser, page, ADA)
        walk.assert_is_at(page, f"{app.url}{path}")
    walk.assert_is(app, browser, ADA)


@step("a sign-in page left open in another tab")
def stale_tab(walk):
    """Of another application, so that no session of its own answers for it."""
    app, browser = walk.app("front"), Browser()
    left_open = browser.open(f"{app.url}/sessions")
    walk.sign_in(ADA, walk.app(), browser)
    time.sleep(walk.provider.stale_seconds)
    page = walk.provider.enter(browser, left_open, ADA)
    if walk.provider.is_asking(page):
        page = walk.provider.enter(browser, page, ADA)
    walk.assert_is_at(page, f"{app.url}/sessions")
    walk.assert_is(app, browser, ADA)


@step("cancelled sign-in")
def cancelled(walk):
    app, browser = walk.app("consent"), Browser()
    page = walk.provider.cancel(browser, browser.open(f"{app.url}/token_details"))
    assert page.url.startswith(app.url), page.summary()
    assert "cancelled" in page.words, page.summary()
    assert app.me(browser) is None, "somebody is signed in"


@step("use another account")
def other_account(walk):
    app = walk.app()
    browser = walk.sign_in(ADA)
    page = browser.open(f"{app.url}/auth/sign_in?prompt=select_account&return_to=/token_details")
    assert not page.url.startswith(app.url), f"the server does not ask: {page.summary()}"
    page = walk.provider.switch(browser, page, BOB)
    walk.assert_is_at(page, f"{app.url}/token_details")
    walk.assert_is(app, browser, BOB)
