"""Users: each signs in and out, and checks what was acknowledged.

A session is `live` once the callback has answered 303 with its cookie, `ended` once a sign-out of it was
acknowledged: 303, or the page that leads to the provider. A sign-out without such an answer leaves it `open`: it
may live or have ended, and is signed out again. None of the faults may end a live session, and nothing brings an ended one back.
"""

import json
import random
import re
import threading
import time

from http_client import FORM, NAVIGATION, SCRIPT, send, target_of

MOST_LIVE = 8
# Ended sessions that are still asked about.
MOST_ENDED = 200
# How long a mark of "everywhere" that a clock ahead has left may refuse its user's sign-ins once the clock is
# right: the leeway of clocks (SECURITY.md, "Time"), and a moment for the machine.
MARK_OF_THE_FUTURE = 65


class User(threading.Thread):
    def __init__(self, number, world, report, seed):
        super().__init__(daemon=True)
        self.world, self.report = world, report
        self.random = random.Random(f"{seed} user {number}")
        self.name_at_provider, self.object_id = world.user(number)
        self.provider_cookies = {}
        self.live, self.open, self.ended = [], [], []
        self.mark_may_lie_ahead, self.refused_since = False, None
        self.stopping = threading.Event()

    def run(self):
        try:
            while not self.stopping.is_set():
                self.step()
        except Exception as error:  # Otherwise a thread that has died would let the run pass.
            self.report.violation(f"the driver failed: {error!r}")

    def stop(self):
        self.stopping.set()

    def step(self):
        may_sign_in = self.report.may_sign_in()
        choice = self.random.random()
        if choice < 0.30 and may_sign_in:
            if len(self.live) < MOST_LIVE:
                self.sign_in()
            else:
                self.sign_out(self.live[0])
        elif choice < 0.60 and self.live:
            self.check_live(self.random.choice(self.live))
        elif choice < 0.70 and self.ended:
            self.check_ended(self.random.choice(self.ended))
        # While no sign-in is due some sessions stay, so that faults meet live ones.
        elif choice < 0.82 and (may_sign_in or len(self.live) > 3) and self.live:
            self.sign_out(self.random.choice(self.live))
        elif choice < 0.90 and self.open:
            self.sign_out(self.open[0])
        elif choice < 0.92 and self.random.random() < (0.4 if may_sign_in else 0.1) and self.live:
            self.everywhere()
        time.sleep(self.random.uniform(0.005, 0.04))

    def settle(self):
        """After the last fault every session is what it was acknowledged to be."""
        self.join()
        for session in list(self.live):
            self.check_live(session)
        for session in list(self.ended):
            self.check_ended(session)
        for session in list(self.open):
            self.sign_out(session)
        if self.open:
            self.report.violation("a sign-out is still not acknowledged after the last fault")

    def failed(self, what, since, answer):
        status = f"{answer.status} {code_of(answer)}" if answer else "no answer"
        if not self.report.excused(since):
            self.report.violation(f"{what}: {status} without a fault; faults: {self.report.faults_since(since)}")
            time.sleep(0.5)
        self.report.count(f"{what} not acknowledged")
        # Nobody hammers at a page that has failed.
        time.sleep(0.05)

    # Sign-in.

    def sign_in(self):
        since = time.monotonic()
        answer, cookies = self.walk()
        name, value = session_cookie(answer)
        if answer is not None and answer.status == 303 and value:
            cookies.update({key: text for key, text in answer.cookies().items() if text})
            self.live.append({"cookies": {name: value}, "since": time.monotonic()})
            self.report.acknowledged_sign_in()
            # Under a clock ahead a sign-in works although the mark lies in the future.
            if self.refused_since is not None and not self.report.excused(since):
                self.mark_may_lie_ahead, self.refused_since = False, None
        elif not self.refused_by_a_mark_of_the_future(since, answer):
            self.failed("sign-in", since, answer)

    def refused_by_a_mark_of_the_future(self, since, answer):
        if self.report.excused(since) or not self.mark_may_lie_ahead:
            return False
        if answer is None or code_of(answer) != "AAD-FLOW-SESSIONS-ENDED":
            return False
        self.refused_since = self.refused_since or since
        self.report.count("sign-ins refused after an \"everywhere\" of a clock ahead")
        time.sleep(1)
        return since - self.refused_since < MARK_OF_THE_FUTURE

    def walk(self, port=None):
        """The last answer, which is the callback's where all goes well, and the cookies on the way."""
        cookies = {}
        answer = self.ask("/auth/sign_in?return_to=/sessions", NAVIGATION, cookies, port=port)
        if answer is None or answer.status != 302:
            return answer, cookies
        cookies.update({key: text for key, text in answer.cookies().items() if text})
        answer = self.at_provider(answer.header("location"))
        if answer is None or answer.status not in (302, 303):
            return None, cookies
        return self.ask(target_of(answer.header("location")), NAVIGATION, cookies, port=port), cookies

    def at_provider(self, url):
        answer = self.ask_provider(target_of(url))
        if answer is not None and answer.status == 200:
            page = answer.body.decode()
            sealed = re.search(r'name="request" value="([^"]+)"', page)
            action = re.search(r'action="(/[^"]+/login)"', page)
            if sealed and action:
                form = f"request={sealed[1]}&account={self.object_id}"
                answer = self.ask_provider(action[1], form)
        return answer

    def ask_provider(self, target, form=None):
        headers = FORM if form else NAVIGATION
        port = self.world.emulator.port
        answer = send(port, f"127.0.0.1:{port}", target, headers, self.provider_cookies, form)
        if answer is not None:
            self.provider_cookies.update({key: text for key, text in answer.cookies().items() if text})
        return answer

    def ask(self, target, headers, cookies, body=None, port=None):
        port = port or self.world.some_port(self.random)
        return send(port, self.world.host, target, headers, cookies, body)

    # Sessions.

    def check_live(self, session):
        since = time.monotonic()
        answer = self.ask("/api/me", SCRIPT, session["cookies"])
        if answer is not None and answer.status == 200:
            self.check_identity(answer)
            self.report.count("live sessions seen")
        elif answer is not None and answer.status == 401:
            age = time.monotonic() - session["since"]
            faults = self.report.faults_since(session["since"])
            self.report.violation(f"an acknowledged session is lost, {age:.1f} s old; faults: {faults}")
            self.live.remove(session)
        else:
            self.failed("a page of a live session", since, answer)

    def check_ended(self, session):
        since = time.monotonic()
        answer = self.ask("/api/me", SCRIPT, session["cookies"])
        if answer is not None and answer.status == 200:
            age, how = time.monotonic() - session["ended"], session["how"]
            faults = self.report.faults_since(session["ended"] - session["took"])
            self.report.violation(f"a session is back {age:.1f} s after {how}; faults: {faults}")
            self.ended.remove(session)
        elif answer is not None and answer.status == 401:
            self.report.count("ended sessions seen")
        else:
            self.failed("a page of an ended session", since, answer)

    def check_identity(self, answer):
        said = json.loads(answer.body)
        if said.get("oid") != self.object_id:
            self.report.violation("a session is somebody else's")

    # Sign-out.

    def sign_out(self, session):
        if session in self.live:
            self.live.remove(session)
            self.open.append(session)
        since = time.monotonic()
        answer = self.ask("/auth/sign_out", FORM, session["cookies"], "")
        if answer is not None and answer.leads_to_provider():
            self.open.remove(session)
            self.end([session], "its sign-out", since)
            self.report.count("sign-outs acknowledged")
        else:
            self.failed("sign-out", since, answer)

    def everywhere(self):
        session = self.live[-1]
        if self.report.fault == "clock ahead":
            self.mark_may_lie_ahead, self.refused_since = True, None
        self.open.extend(self.live)
        self.live.clear()
        since = time.monotonic()
        answer = self.ask("/auth/sign_out", FORM, session["cookies"], "scope=everywhere")
        # Only a session that is known to live can have ended the others.
        if answer is not None and answer.leads_to_provider():
            gone, self.open = self.open, []
            self.end(gone, "a sign-out everywhere", since)
            self.report.count("sign-outs everywhere acknowledged")
        else:
            self.failed("sign-out everywhere", since, answer)

    def end(self, sessions, how, since):
        for session in sessions:
            now = time.monotonic()
            session.update(ended=now, how=how, took=now - since)
            self.ended.append(session)
        while len(self.ended) > MOST_ENDED:
            self.ended.pop(self.random.randrange(len(self.ended) - 20))


def code_of(answer):
    """The stable code on a page of ours, where there is one."""
    found = re.search(rb"AAD-[A-Z0-9-]+", answer.body)
    return found[0].decode() if found else ""


def session_cookie(answer):
    if answer is not None:
        for name, value in answer.cookies().items():
            if re.fullmatch(r"(__Host-)?aad-session(-\d+)?", name) and value:
                return name, value
    return None, None
