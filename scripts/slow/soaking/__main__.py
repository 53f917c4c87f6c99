"""Runs the soak: first with the file store, then with Redis and two instances."""

import argparse
import random
import sys
import tempfile
import time

from faults import Plan
from report import Report
from users import User
from watch import Watch
from world import World, need


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/slow/soak")
    parser.add_argument("webapp", nargs="?", help="the program; default: this checkout's, built for debugging")
    parser.add_argument("--default-webapp", help=argparse.SUPPRESS)
    parser.add_argument("--faults", type=int, default=1_000, help="how many faults, over both stores")
    parser.add_argument("--sign-ins", type=int, default=20_000, help="how many sign-ins that are acknowledged")
    parser.add_argument("--seed", type=int, default=None, help="plans the same faults again")
    parser.add_argument("--users", type=int, default=8, help="users at the same time")
    parser.add_argument("--store", choices=["file", "redis"], help="one store only")
    parser.add_argument("--only", action="append", help="only faults whose name begins so")
    return parser.parse_args()


def main():
    options = arguments()
    for program in ["redis-server", "prlimit"]:
        need(program)
    webapp = options.webapp or options.default_webapp
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"soak: seed {seed}, {options.faults} faults, {options.sign_ins} sign-ins, {webapp}", flush=True)
    report = Report()
    stores = [options.store] if options.store else ["file", "redis"]
    for store in stores:
        phase(options, webapp, seed, store, report, len(stores))
    report.print_summary()
    sys.exit(1 if report.violations else 0)


def phase(options, webapp, seed, store, report, phases):
    faults, sign_ins = options.faults // phases, options.sign_ins // phases
    report.begin(store, faults, sign_ins)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        world = World(webapp, folder, store, options.users + 1, report)
        try:
            world.start()
            users = [User(number, world, report, seed) for number in range(options.users)]
            watch = Watch(world, report)
            watch.start()
            for user in users:
                user.start()
            plan = Plan(world, report, random.Random(f"{seed} {store}"), options.only)
            for number in range(faults):
                # Users keep pace with the faults, so that these strike all along.
                report.allow_sign_ins(sign_ins * (number + 1) // faults)
                plan.strike(number)
                if report.hopeless():
                    break
            deadline = time.monotonic() + 600
            while not report.hopeless() and not report.all_signed_in() and time.monotonic() < deadline:
                time.sleep(0.2)
            for user in users:
                user.stop()
            for user in users:
                user.settle()
            watch.stop()
        finally:
            world.stop()
    report.end()


main()
