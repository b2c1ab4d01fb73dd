"""What is printed of each check, and how long things are waited for."""

import time
import traceback


class Failed(Exception):
    """A check that did not hold, in words."""


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.began = time.monotonic()

    def say(self, text):
        print(f"containers: {text} ({time.monotonic() - self.began:.0f} s)", flush=True)

    def check(self, name, question):
        """Asks, and prints what came of it. What the question returns is shown behind the name."""
        try:
            figure = question()
        except Exception as error:  # a check that breaks has failed
            self.failed += 1
            reason = str(error) if isinstance(error, Failed) else traceback.format_exc().strip()
            print(f"FAIL {name}: {reason}", flush=True)
            return False
        self.passed += 1
        print(f"ok   {name}" + (f": {figure}" if figure else ""), flush=True)
        return True

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1


def require(holds, reason):
    if not holds:
        raise Failed(reason)


def eventually(what, question, within, every=0.25):
    """What the question gives as soon as it gives something true."""
    deadline = time.monotonic() + within
    last = None
    while True:
        try:
            answer = question()
            if answer:
                return answer
        except (Failed, OSError, ValueError) as error:
            last = error
        if time.monotonic() > deadline:
            raise Failed(f"not within {within:.0f} s: {what}" + (f" ({last})" if last else ""))
        time.sleep(every)
