"""The faults: each is begun, lasts a moment, is lifted, and everything must recover."""

import os
import signal
import subprocess
import threading
import time

from users import User

# So long may it take from the end of a fault until sign-ins work again.
RECOVERY = 45


class Plan:
    def __init__(self, world, report, chance, only):
        self.world, self.report, self.chance = world, report, chance
        self.probe = Probe(world, report)
        choices = [
            (3, "kill", self.kill),
            (2, "restart", self.restart),
            (3, "provider hangs", lambda: self.provider("hang")),
            (3, "provider resets", lambda: self.provider("close")),
            (2, "provider 503", lambda: self.provider({"answer": {"status": 503}})),
            (2, "provider slow", lambda: self.provider({"delay": self.chance.randrange(100, 2_000)})),
            (2, "provider frozen", lambda: self.frozen(self.world.emulator.process)),
        ]
        if world.has_clock():
            choices += [
                (2, "clock ahead", lambda: self.clock(self.chance.randrange(60, 7_200))),
                (2, "clock behind", lambda: self.clock(-self.chance.randrange(60, 7_200))),
            ]
        if world.redis:
            choices += [
                (4, "redis frozen", lambda: self.frozen(self.world.redis.process)),
                (3, "redis connections reset", self.reset),
                (2, "redis killed", self.kill_redis),
                (2, "redis full", self.full_redis),
            ]
        else:
            choices += [
                (4, "disk full", lambda: self.full_disk(1 << 16)),
                (3, "disk full for new pages", lambda: self.full_disk(None)),
            ]
        self.choices = [c for c in choices if not only or any(c[1].startswith(name) for name in only)]

    def strike(self, number):
        weights = [weight for weight, _, _ in self.choices]
        _, name, act = self.chance.choices(self.choices, weights)[0]
        self.report.fault_begins(name)
        act()
        self.recover(name)
        self.report.fault_ends()
        if number % 20 == 19:
            print(f"soak: {number + 1} faults, {self.report.signed_in} sign-ins", flush=True)
        time.sleep(self.chance.uniform(1.0, 1.6))

    def hold(self, longest=1.5):
        time.sleep(self.chance.uniform(0.1, longest))

    def recover(self, name):
        begun = time.monotonic()
        while not self.probe.works():
            if time.monotonic() - begun > RECOVERY:
                self.report.violation(f"no recovery within {RECOVERY} s after: {name}")
                return
            time.sleep(0.05)
        took = time.monotonic() - begun
        self.report.slowest(name, took)

    def kill(self):
        number = self.chance.randrange(len(self.world.instances))
        self.world.instances[number].end()
        self.hold(0.5)
        self.world.start_instance(number)

    def restart(self):
        number = self.chance.randrange(len(self.world.instances))
        status = self.world.instances[number].end(signal.SIGTERM)
        if status != 0:
            self.report.violation(f"an orderly restart ends with {status}")
        self.world.start_instance(number)

    def provider(self, effect):
        endpoints = self.chance.choice([["token"], ["keys", "discovery"], ["token", "keys", "discovery", "graph"]])
        for endpoint in endpoints:
            self.world.emulator.control("POST", "faults", {"on": endpoint, "effect": effect})
        self.hold()
        self.world.emulator.control("DELETE", "faults")

    def frozen(self, process):
        process.notify(signal.SIGSTOP)
        self.hold(3.0)
        process.notify(signal.SIGCONT)

    def clock(self, seconds):
        self.world.set_clock(seconds)
        self.hold(2.5)
        self.world.set_clock(0)

    def reset(self):
        for _ in range(self.chance.randrange(1, 5)):
            self.world.redis.tell("CLIENT KILL TYPE normal SKIPME yes")
            self.hold(0.3)

    def kill_redis(self):
        self.world.redis.process.end()
        self.hold()
        self.world.redis.start()

    def full_redis(self):
        self.world.redis.tell("CONFIG SET maxmemory 1")
        self.hold()
        self.world.redis.tell("CONFIG SET maxmemory 0")

    def full_disk(self, size):
        """No write beyond `size` bytes of a file; `None`: the file cannot grow."""
        pid = self.world.instances[0].child.pid
        if size is None:
            size = os.path.getsize(f"{self.world.folder}/private/sessions.redb")
        limit_files(pid, size)
        self.hold()
        limit_files(pid, "unlimited")


def limit_files(pid, size):
    subprocess.run(["prlimit", "--pid", str(pid), f"--fsize={size}:unlimited"], check=True)


class Probe:
    """Signs in at each instance, as a user that has no part in the counts."""

    def __init__(self, world, report):
        self.world = world
        self.user = User(world.count - 1, world, report, "probe")

    def works(self):
        if not self.world.is_ready():
            return False
        for port in self.world.ports:
            answer, _ = self.user.walk(port)
            if answer is None or answer.status != 303:
                return False
        return True
