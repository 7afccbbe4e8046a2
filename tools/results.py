# SPDX-License-Identifier: Apache-2.0
#
# What a step of `make test` found, case by case: shown as it comes (failures at once, the rest as a count), and
# written as TAP-like lines to a file that run_all.py sums up. A case is something that can fail by itself; a case
# that did not run is skipped with a reason and shown, never dropped.

import pathlib
import sys
import threading


class Results:
    def __init__(self, step, path):
        self.step, self.path = step, pathlib.Path(path) if path else None
        self.lines, self.passed, self.failed, self.skipped = [], 0, 0, 0
        self.lock = threading.Lock()

    def say(self, line):
        with self.lock:
            print(line, flush=True)

    def case(self, good, name, detail=""):
        """One case; `detail` (any number of lines) is shown only if it failed."""
        with self.lock:
            self.lines.append(f"{'ok' if good else 'not ok'} - {name}")
            if good:
                self.passed += 1
                return
            self.failed += 1
            print(f"  FAILED   {self.step}: {name}")
            for line in str(detail).rstrip().splitlines():
                print(f"             {line}")
            sys.stdout.flush()

    def skip(self, name, why):
        with self.lock:
            self.lines.append(f"ok - {name} # SKIP {why}")
            self.skipped += 1
            print(f"  SKIPPED  {self.step}: {name}: {why}", flush=True)

    def finish(self):
        """Writes the file, prints the sum, ends the program."""
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(line + "\n" for line in self.lines))
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"  {self.step}: {self.passed} passed, {self.failed} failed{skipped}", flush=True)
        sys.exit(1 if self.failed or not (self.passed or self.skipped) else 0)
