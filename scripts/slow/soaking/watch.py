"""Asks every instance all the time whether it lives, and how much memory it has."""

import threading
import time

from world import asked

EVERY = 0.25
PATIENCE = 5


class Watch(threading.Thread):
    def __init__(self, world, report):
        super().__init__(daemon=True)
        self.world, self.report = world, report
        self.stopping = threading.Event()

    def run(self):
        last = 0.0
        while not self.stopping.is_set():
            for number in range(len(self.world.instances)):
                self.ask(number)
            if time.monotonic() - last > 1:
                last = time.monotonic()
                self.report.rss.append(max(process.rss() for process in self.world.instances))
            time.sleep(EVERY)

    def ask(self, number):
        process = self.world.instances[number]
        listens = process.lives() and asked(self.world.ports[number], "/healthz", PATIENCE) == 200
        if listens:
            process.has_answered = True
            self.report.count("/healthz answered")
        elif process is self.world.instances[number] and process.lives() and process.has_answered \
                and not process.is_ending:
            self.report.violation(f"/healthz of {process.name} does not answer, during {self.report.fault or 'no fault'}")

    def stop(self):
        self.stopping.set()
        self.join()
