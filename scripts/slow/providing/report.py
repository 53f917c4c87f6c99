"""What came of each step, line by line and as a table."""

import time

WORKS, FAILED, SKIPPED = "works", "FAILED", "skipped"


class Report:
    def __init__(self):
        # Product -> step -> (outcome, reason)
        self.found = {}
        self.started = time.monotonic()

    def product(self, name):
        self.found[name] = {}

    def note(self, product, step, outcome, reason=""):
        self.found[product][step] = (outcome, reason)
        text = f": {reason}" if reason else ""
        seconds = round(time.monotonic() - self.started)
        print(f"providers: {seconds:>4} s  {product}: {step}: {outcome}{text}", flush=True)

    def skip_product(self, product, reason):
        """A server that cannot be had."""
        self.found[product] = {None: (SKIPPED, reason)}
        print(f"providers: {product} is skipped: {reason}", flush=True)

    def has_failed(self):
        return any(outcome == FAILED for steps in self.found.values() for outcome, _ in steps.values())

    def has_run(self):
        return any(None not in steps for steps in self.found.values())

    def print_table(self, steps):
        products = [name for name, found in self.found.items() if None not in found]
        if products:
            self.print_steps(products, steps)
        for product, found in self.found.items():
            if None in found:
                print(f"\n{product}: skipped, because {found[None][1]}")

    def print_steps(self, products, steps):
        print(f"\n| step | {' | '.join(products)} |")
        print(f"|---|{'---|' * len(products)}")
        for step in (step for step in steps if any(step in self.found[product] for product in products)):
            print(f"| {step} | {' | '.join(self.cell(product, step) for product in products)} |")

    def cell(self, product, step):
        outcome, reason = self.found[product].get(step, (SKIPPED, "not reached"))
        reason = reason.splitlines()[0][:160].replace("|", "/") if reason else ""
        return f"{outcome}: {reason}" if reason else outcome
