#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Does what the documentation for users says, with the SDK alone: each page in a folder of its own, from top to bottom.
#   ```sh            commands; they succeed (```sh fails: the last one ends with another status than 0)
#   ```output        what the commands before it printed holds these lines, in this order
#   ```cpp FILE      the file is written (```toml FILE append: added at its end); a line above it shows the name
# Other blocks are for the reader only. One case for each block. Then, that pages lead where they say (docs_pages.py).

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "test")]
import docs_pages
from results import Results
from run_sdk_tests import User, copy_packages

PAGES = ["docs/tutorial.md", "docs/how_to.md", "docs/drivers.md", "docs/supervisor.md",
         *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs/concepts").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Page:
    """A reader who follows one page."""

    def __init__(self, name, folder, user, results):
        self.name, self.folder, self.user, self.results = name, folder, user, results
        self.place, self.printed = folder, ""

    def follow(self, text):
        for block in BLOCK.finditer(text):
            kind, words, body = block[1], block[2].split(), block[3]
            line = text.count("\n", 0, block.start()) + 1
            title = f"{self.name}:{line}: {kind} {(body.strip().splitlines() or [''])[0]}"
            if kind == "sh":
                self.commands(title, body, "fails" in words)
            elif kind == "output":
                self.output(title, body.splitlines())
            elif words:
                with open(self.place / words[0], "a" if "append" in words else "w", encoding="utf-8") as file:
                    file.write(body)

    def commands(self, title, body, fails):
        if re.search(r"^cmake ", body, re.MULTILINE) and not shutil.which("cmake"):
            self.results.skip(title, "no cmake")  # what nobody needs for Granary is not installed for its tests
            return
        where = self.folder / ".where"
        script = f"cd '{self.place}'\n" + ("" if fails else "set -e\n") + body + f"\nstatus=$?; pwd > '{where}'; exit $status\n"
        try:
            status, self.printed = self.user.does(script)
        except subprocess.TimeoutExpired:
            status, self.printed = 124, "it did not end"
        if where.exists():
            self.place = pathlib.Path(where.read_text().strip())
        self.results.case((status != 0) == fails, title, f"status {status}\n" + "\n".join(self.printed.splitlines()[-12:]))

    def output(self, title, wanted):
        lines, at, missing = self.printed.splitlines(), 0, []
        for line in wanted:
            found = next((i for i in range(at, len(lines)) if line in lines[i]), None)
            if found is None:
                missing.append(f"not there, or too early: {line}")
            else:
                at = found + 1
        self.results.case(not missing, title, "\n".join(missing + ["what there is:"] + lines[-16:]))


def main():
    parser = argparse.ArgumentParser(description="Runs the commands and listings of the documentation.")
    parser.add_argument("--tarball", type=pathlib.Path, required=True)
    parser.add_argument("--packages", type=pathlib.Path, required=True)
    parser.add_argument("--results")
    options = parser.parse_args()
    results = Results("docs", options.results)
    with tempfile.TemporaryDirectory(prefix="granary-docs-") as name:
        folder = pathlib.Path(name)
        copy_packages(options.packages.resolve(), folder / "packages")
        subprocess.run(["tar", "-xzf", options.tarball.resolve()], cwd=folder, check=True)
        user = User(folder, folder / "packages")
        sdk = next(path for path in folder.iterdir() if path.name.startswith("granary-sdk-"))
        user.use(sdk)
        docs_pages.check_tree(results.case)
        docs_pages.check_sdk(sdk, results.case)
        for page in PAGES:
            place = folder / pathlib.Path(page).stem
            place.mkdir()
            Page(page, place, user, results).follow((sdk / "share/granary" / page).read_text(encoding="utf-8"))
    results.finish()


if __name__ == "__main__":
    main()
