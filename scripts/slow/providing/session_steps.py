"""The steps of a session: refreshes, every kind of end, keys that change and a server that is away."""

import time

from browser import Browser
from processes import until
from provider import ADA, BOB
from walk import SOON, NotOffered, collect
from wire import CUT, HANG, HANGING, LOSE

# One turn of AAD_RECHECK, and a little more.
RECHECK = 62

STEPS, step = collect()


@step("refresh for an API")
def refresh(walk):
    app = walk.app()
    browser = walk.sign_in(ADA)
    before, calls = len(walk.graph.tokens), len(walk.provider.recorder.calls)

    def renewed():
        page = browser.open(f"{app.url}/call_ms_graph")
        assert page.status == 200 and "Somebody of Graph" in page.text, page.summary()
        return len(set(walk.graph.tokens[before:])) >= 3
    until("three access tokens, one after the other", renewed, 4 * walk.provider.access_token_seconds + 60, 1)
    refused = [call for call in walk.provider.recorder.grants("refresh_token", calls) if call["status"] != 200]
    assert not refused, f"refreshes were refused: {refused}"


@step("back-channel sign-out")
def back_channel(walk):
    if not walk.provider.metadata().get("backchannel_logout_supported"):
        raise NotOffered("no back-channel logout in the metadata")
    app = walk.app()
    browser, stays = walk.sign_in(ADA), walk.sign_in(ADA)
    walk.provider.sign_out_at_provider(browser)
    walk.wait_signed_out(app, browser, "the logout token ends the session")
    walk.assert_is(app, stays, ADA)


@step("sign-out by an administrator")
def administrator(walk):
    app = walk.app()
    browser = walk.sign_in(ADA)
    walk.provider.end_sessions(ADA)
    walk.wait_signed_out(app, browser, "the session ends", walk.provider.administrator_patience)


@step("front-channel sign-out")
def front_channel(walk):
    if not walk.provider.metadata().get("frontchannel_logout_supported"):
        raise NotOffered("no front-channel logout in the metadata")
    app = walk.app("front")
    browser, stays = walk.sign_in(ADA, app), walk.sign_in(ADA, app)
    page = walk.provider.sign_out_at_provider(browser)
    assert page.frames, f"no frames: {page.summary()}"
    for answer in browser.load_frames(page):
        assert answer.status == 200, f"the frame is answered {answer.summary()}"
    walk.wait_signed_out(app, browser, "the frame ends the session")
    walk.assert_is(app, stays, ADA)


@step("sign-out here and at the server")
def sign_out(walk):
    app = walk.app()
    browser = walk.sign_in(ADA)
    before = len(walk.provider.recorder.calls)
    leave(walk, app, browser)
    found = walk.provider.metadata()
    if found.get("revocation_endpoint"):
        revoked = until("the refresh token is revoked", lambda: walk.provider.recorder.grants("revocation", before), SOON)
        assert revoked[0]["status"] == 200, f"the revocation is refused: {revoked}"
    walk.sign_in(ADA, app, browser)
    if not found.get("end_session_endpoint"):
        return "here; the server has no sign-out"
    return None


def leave(walk, app, browser):
    """Signs out by the form; ends at the page after it."""
    page = browser.open(f"{app.url}/auth/sign_out")
    page = browser.submit(page, to="/auth/sign_out")
    assert app.me(browser) is None, "the session goes on"
    if page.url.startswith(walk.provider.url):
        page = walk.provider.confirm_sign_out(browser, page)
    assert page.url.startswith(f"{app.url}/auth/post_sign_out"), f"not back after the sign-out: {page.summary()}"
    assert page.status == 200, page.summary()


@step("recheck")
def recheck(walk):
    """One wait for both: Ada's roles change, Bob may no longer be here."""
    app, provider = walk.app(), walk.provider
    ada, bob = walk.sign_in(ADA), walk.sign_in(BOB)
    before = len(provider.recorder.calls)
    changed = provider.change_roles(ADA)
    provider.revoke(BOB)
    walk.revoked = (app, bob)
    walk.assert_is(app, ada, ADA)
    walk.assert_is(app, bob, BOB)
    time.sleep(RECHECK)
    # These requests are answered from the session, and start the question.
    app.me(ada), app.me(bob)
    until("a refresh is accepted", lambda: any(
        call["status"] == 200 for call in provider.recorder.grants("refresh_token", before)), SOON)
    if changed:
        right, gone = changed
        until("the roles follow", lambda: right <= set(walk.assert_is(app, ada, ADA)["roles"]), SOON, 0.5)
        assert not gone & set(app.me(ada)["roles"]), "a role that was taken away is still there"
    walk.assert_is(app, ada, ADA)


@step("revoked at the server")
def revoked(walk):
    assert walk.revoked, "nobody was revoked"
    app, bob = walk.revoked
    walk.wait_signed_out(app, bob, "the recheck ends the session of a user who was revoked")


@step("a new signing key")
def key_change(walk):
    app, provider = walk.app(), walk.provider
    before = provider.keys()
    walk.early = walk.sign_in(ADA)
    provider.rotate_keys()
    until("the server has another key", lambda: set(provider.keys()) - set(before), provider.rotation_seconds, 1)
    walk.sign_in(ADA)
    walk.assert_is(app, walk.early, ADA)


@step("sign-out with a key that is gone")
def gone_key(walk):
    app, provider = walk.app(), walk.provider
    assert walk.early, "no session has an ID token of an old key"
    before = provider.keys()
    provider.drop_old_keys()
    until("an old key is gone", lambda: set(before) - set(provider.keys()), provider.rotation_seconds, 1)
    provider.rotate_keys()
    until("the server has another key", lambda: set(provider.keys()) - set(before), provider.rotation_seconds, 1)
    # By a key that it does not know, webapp learns that the old one is gone.
    walk.sign_in(ADA)
    leave(walk, app, walk.early)


@step("the answer to a refresh is lost")
def lost_answer(walk):
    """The server has given a new refresh token that nobody has. A strict one takes the next try for theft."""
    app, recorder = walk.app(), walk.provider.recorder
    browser = walk.sign_in(ADA)
    before = len(recorder.calls)
    recorder.fault = LOSE
    try:
        until("a refresh whose answer is lost", lambda: browser.open(f"{app.url}/call_ms_graph") and recorder.fault is None,
              walk.provider.access_token_seconds + SOON, 1)
    finally:
        recorder.fault = None
    assert app.me(browser), "the lost answer alone ends the session"

    def over():
        page = browser.open(f"{app.url}/call_ms_graph")
        tries = recorder.grants("refresh_token", before)
        return len(tries) > 1 and (page.status == 200 or app.me(browser) is None)
    until("a second refresh, and what comes of it", over, 120, 1)
    word = recorder.grants("refresh_token", before)[1]["error"]
    if word is None:
        walk.assert_is(app, browser, ADA)
        return "the session goes on"
    walk.sign_in(ADA, app, browser) if app.me(browser) is None else None
    return f"the session ends: the server says {word}"


@step("outage while a code is redeemed")
def outage_at_redemption(walk):
    app, provider, recorder = walk.app(), walk.provider, walk.provider.recorder
    for fault in (CUT, HANG):
        browser = Browser()
        page = browser.open(f"{app.url}/token_details")
        recorder.fault, began = fault, time.monotonic()
        try:
            page = provider.enter(browser, page, ADA)
        finally:
            recorder.fault = None
        assert page.status == 503 and page.url.startswith(app.url), page.summary()
        assert time.monotonic() - began < HANGING, "the user waits too long"
        assert app.me(browser) is None, "somebody is signed in"
        page = browser.open(f"{app.url}/token_details")
        page = provider.enter(browser, page, ADA) if provider.is_asking(page) else page
        walk.assert_is_at(page, f"{app.url}/token_details")
        walk.assert_is(app, browser, ADA)


@step("outage: kill -9, restart, another key")
def outage(walk):
    app, provider = walk.app(), walk.provider
    browser = walk.sign_in(ADA)
    # A server may write what it has acknowledged a moment later: Keycloak's H2 does.
    time.sleep(5)
    provider.kill()
    for _ in range(3):
        walk.assert_is(app, browser, ADA)
    status, text = app.readiness()
    assert status == 200, f"/readyz says {status} {text}"
    # The access token may run out meanwhile: a page says so, and the session stays.
    time.sleep(provider.access_token_seconds)
    page = browser.open(f"{app.url}/call_ms_graph")
    assert page.status in (200, 503), page.summary()
    provider.start()
    provider.rotate_keys()
    walk.assert_is(app, browser, ADA)
    walk.sign_in(ADA)
    if provider.keeps_sessions:
        until("a call of an API works again", lambda: browser.open(f"{app.url}/call_ms_graph").status == 200, 90, 1)
    walk.assert_is(app, browser, ADA)
    app.wait_ready()
