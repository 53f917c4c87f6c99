"""What happened, what must not have, and when a fault was under way."""

import threading
import time
from collections import Counter

# After this many violations the rest would only repeat them.
HOPELESS = 40
# What a request may still feel after a fault's end has been confirmed.
GRACE = 1.0


class Report:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = Counter()
        self.violations = []
        self.allowed = 0
        self.signed_in = 0
        self.fault = None
        self.fault_ended = 0.0
        self.begun = time.monotonic()
        self.rss = []
        self.recoveries = {}
        self.history = []

    def begin(self, store, faults, sign_ins):
        print(f"soak: store {store}: {faults} faults, {sign_ins} sign-ins", flush=True)
        with self.lock:
            self.store, self.faults, self.wanted = store, faults, sign_ins
            self.allowed = self.signed_in = 0
            self.phase_begun = time.monotonic()
            self.rss = []

    def end(self):
        seconds = time.monotonic() - self.phase_begun
        rss = self.rss
        if len(rss) >= 4:
            first, second = max(rss[: len(rss) // 2]), max(rss[len(rss) // 2:])
            print(f"soak: {self.store}: memory, highest: {first} MiB in the first half, {second} MiB in the second")
            if second > first * 1.3 + 32:
                self.violation(f"memory grows: {first} MiB, then {second} MiB")
        print(f"soak: {self.store}: {self.signed_in} sign-ins in {seconds:.0f} s", flush=True)

    def count(self, what):
        with self.lock:
            self.counts[f"{self.store}: {what}"] += 1

    def violation(self, text):
        with self.lock:
            self.violations.append(f"{self.store}, {time.monotonic() - self.phase_begun:.1f} s: {text}")
            count = len(self.violations)
        if count <= HOPELESS:
            print(f"VIOLATION ({self.store}): {text}", flush=True)

    def hopeless(self):
        return len(self.violations) >= HOPELESS

    # Pace.

    def allow_sign_ins(self, number):
        self.allowed = number

    def may_sign_in(self):
        return self.signed_in < self.allowed

    def all_signed_in(self):
        return self.signed_in >= self.wanted

    def acknowledged_sign_in(self):
        with self.lock:
            self.signed_in += 1
            self.counts[f"{self.store}: sign-ins acknowledged"] += 1

    # Faults.

    def fault_begins(self, name):
        with self.lock:
            self.fault = name
            self.history.append((time.monotonic(), name))
            self.counts[f"{self.store}: fault {name}"] += 1

    def faults_since(self, moment):
        """The faults since then, with their ages, the one before included."""
        now = time.monotonic()
        before = [event for event in self.history if event[0] < moment][-1:]
        later = [event for event in self.history if event[0] >= moment]
        return ", ".join(f"{name} {now - at:.1f} s ago" for at, name in before + later) or "none"

    def fault_ends(self):
        with self.lock:
            self.fault = None
            self.fault_ended = time.monotonic()

    def slowest(self, name, seconds):
        """How long the recovery from a fault took at the most."""
        with self.lock:
            self.recoveries[name] = max(seconds, self.recoveries.get(name, 0.0))

    def excused(self, since):
        """Whether a fault can explain the failure of a request that began at `since`."""
        return self.fault is not None or since < self.fault_ended + GRACE

    def print_summary(self):
        for name, count in sorted(self.counts.items()):
            print(f"  {count:7}  {name}")
        for name, seconds in sorted(self.recoveries.items()):
            print(f"  {seconds:6.1f}s  slowest recovery after: {name}")
        print(f"soak: {time.monotonic() - self.begun:.0f} s, {len(self.violations)} violations")
        for text in self.violations[:HOPELESS]:
            print(f"  VIOLATION {text}")
