#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Checks the models of test/model/*.pml with spin, exhaustively. The head of each says what is to be run:
#     // stands for: ipc::Port::call in ipc/port.cpp      that function must be there
#     // stands for, once it exists: NAME in FILE         the same, but skipped while there is no such file
#     // verify: CHECK [-DNAME...]                        spin must find no error
#     // mutation NAME: CHECK [-D...]: WHAT: words        with -DBROKEN_NAME spin must find this error
# CHECK is safety (assertions, no invalid end state), progress (no cycle), or ltl NAME (under weak fairness). WHAT is
# the property (property.inc) that the mutation breaks, or `invalid end state`, `acceptance cycle`, `non-progress
# cycle`; several with | between them. A property that no mutation breaks is a failed case: a check that cannot fail.

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results

MODELS = ROOT / "test" / "model"
TIME_LIMIT = 300  # seconds of one run; none is known to take more than 20
# No partial order reduction: nearly every step touches what all see, and so no question of its soundness comes up.
COMPILE = ["gcc", "-w", "-DNOREDUCE", "-DMEMLIM=3000"]
CYCLES = ("invalid end state", "acceptance cycle", "non-progress cycle")


class Run:
    """One model with one set of definitions: what it checks and what is expected of it."""

    def __init__(self, model, check, mutation="", expected="", words=""):
        kind, *rest = check.split()
        self.model, self.kind, self.mutation, self.expected, self.words = model, kind, mutation, expected, words
        self.claim = rest.pop(0) if kind == "ltl" else ""
        self.definitions = rest + ([f"-DBROKEN_{mutation}"] if mutation else [])
        self.name = " ".join([model.stem, kind, self.claim, *rest, mutation]).replace("  ", " ").strip()
        self.error, self.states, self.seconds, self.detail = "", 0, 0.0, ""

    def flags(self):
        if self.kind == "safety":
            return ["-DSAFETY", "-DNOCLAIM"], []
        if self.kind == "progress":
            return ["-DNP", "-DNOCLAIM"], ["-l"]
        return ["-DNFAIR=3"], ["-a", "-f", "-N", self.claim]

    def execute(self, folder):
        """Fills error (nothing if spin is content), or detail if it could not be run to its end."""
        folder = folder / self.name.replace(" ", "_")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        compiling, running = self.flags()
        started = time.monotonic()
        # The search for a mutation's error is short, its compilation is what takes time.
        optimization = "-O0" if self.mutation else "-O2"
        for command in (["spin", "-a", *self.definitions, str(self.model)],
                        [*COMPILE, optimization, *compiling, "-o", "pan", "pan.c"],
                        ["./pan", "-m4000000", *running]):
            try:
                done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                      timeout=TIME_LIMIT, errors="replace")
            except subprocess.TimeoutExpired:
                self.detail = f"no end within {TIME_LIMIT} seconds"
                return
            if done.returncode or (command[0] == "spin" and "Error" in done.stdout):
                self.detail = f"{command[0]}: status {done.returncode}\n{done.stdout[-1500:]}"
                return
        self.seconds = time.monotonic() - started
        self.judge(done.stdout)

    def judge(self, output):
        states = re.search(r"(\d+(?:\.\d+)?(?:e\+\d+)?) states, stored", output)
        errors = re.search(r"errors: (\d+)", output)
        if not states or not errors or "max search depth too small" in output or "out of memory" in output:
            self.detail = f"the search was not complete:\n{output[-1500:]}"
            return
        self.states = int(float(states.group(1)))
        if errors.group(1) == "0":
            if "Search not completed" in output or "Full statespace search" not in output:
                self.detail = f"the search was not complete:\n{output[-1500:]}"
            return
        found = re.search(r"^pan:\d+: (.*?)(?: \(at depth \d+\))?$", output, re.MULTILINE)
        text = found.group(1) if found else output[-500:]
        name = re.search(r"assertion violated .*\|\|(\w+)\)$", text)
        self.error = name.group(1) if name else next((cycle for cycle in CYCLES if cycle in text), text)


def text_of(model):
    """A model and what it includes."""
    text = model.read_text()
    for name in re.findall(r'^#include "(.+)"$', text, re.MULTILINE):
        text += text_of(model.with_name(name))
    return text


def entries(text, key):
    """(argument of the key, value) of the lines `// key ARGUMENT: value`, with lines that continue them."""
    for match in re.finditer(rf"^// {key}( \w+)?: (.+(?:\n//   .+)*)$", text, re.MULTILINE):
        yield (match.group(1) or "").strip(), re.sub(r"\n//   ", " ", match.group(2))


def check_sources(model, results):
    text = model.read_text()
    named = re.findall(r"^// stands for(, once it exists)?: (\S+) in (\S+)$", text, re.MULTILINE)
    results.case(bool(named), f"{model.stem}: names the functions that it stands for")
    for later, function, file in named:
        path = ROOT / file
        title = f"{model.stem}: {function} is in {file}"
        if later and not path.exists():
            results.skip(title, "not in this tree yet")
            continue
        # A definition begins in the first column and is qualified by its class, if it has one, but not by namespaces.
        name = re.sub(r"^([a-z_]+::)+(?=\w)", "", function)
        pattern = rf"^(?!//)\S.*\b{re.escape(name)}\("
        results.case(path.exists() and re.search(pattern, path.read_text(), re.MULTILINE) is not None, title,
                     "no such function there: renamed? Then see whether the model still says what it does.")


def runs_of(model, results):
    text, whole = model.read_text(), text_of(model)
    for _, check in entries(text, "verify"):
        yield Run(model, check)
    declared = set()
    for name, value in entries(text, "mutation"):
        declared.add(name)
        check, expected, words = (value.split(": ", 2) + ["", ""])[:3]
        yield Run(model, check, name, expected, words)
    mentioned = set(re.findall(r"\bBROKEN_(\w+)", whole))
    included_elsewhere = set(re.findall(r"\bBROKEN_(\w+)", whole.replace(text, "")))
    wrong = (declared - mentioned) | (mentioned - declared - included_elsewhere)
    results.case(not wrong, f"{model.stem}: every mutation is declared and in the model", " ".join(sorted(wrong)))


def check_run(run, results):
    if run.detail:
        results.case(False, run.name, run.detail)
    elif not run.mutation:
        results.case(not run.error, f"{run.name}: no error", f"spin found: {run.error}")
    else:
        found = run.error or "no error: the model cannot see it"
        results.case(run.error in run.expected.split("|"), f"{run.name}: spin finds the error",
                     f"{run.words}\nexpected: {run.expected}\nfound: {found}")


def check_properties(models, runs, results):
    """Each property, and each ltl claim, is seen to fail in a mutation."""
    broken = {run.error for run in runs if run.mutation}
    for model in models:
        mine = {run.error for run in runs if run.model == model and run.mutation}
        whole = text_of(model)
        for name in sorted(set(re.findall(r"REQUIRE\([^;]*?,\s+(\w+)\)(?=;| ?}|\n)", whole)) - {"property"}):
            results.case(name in mine, f"{model.stem}: {name} fails when it is broken", "no mutation breaks it")
        for claim in re.findall(r"^ltl (\w+)", whole, re.MULTILINE):
            seen = any(run.claim == claim and run.mutation and run.error for run in runs if run.model == model)
            results.case(seen, f"{model.stem}: {claim} fails when it is broken", "no mutation breaks it")
    for cycle in CYCLES:
        results.case(cycle in broken, f"a mutation is seen by its {cycle}", "no mutation is")


def main():
    parser = argparse.ArgumentParser(description="Checks the models with spin.")
    parser.add_argument("--results")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--only", default="", help="only runs whose name has this word; properties are left out")
    options = parser.parse_args()
    results = Results("model", options.results)
    if not shutil.which("spin"):
        results.skip("models", "no spin here (`make test-model` installs it)")
        results.finish()
    models = sorted(MODELS.glob("*.pml"))
    for model in models:
        check_sources(model, results)
    runs = [run for model in models for run in runs_of(model, results) if options.only in run.name]
    folder = options.build.resolve()
    # Long ones first: those that have to be searched to the end.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {pool.submit(run.execute, folder): run for run in sorted(runs, key=lambda run: bool(run.mutation))}
        for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            job.result()
            run = jobs[job]
            found = f": {run.error}" if run.error else ""
            results.say(f"  {number:3}/{len(runs)} {run.seconds:5.1f} s {run.states:9,} states  {run.name}{found}")
            check_run(run, results)
    if not options.only:
        check_properties(models, runs, results)
    results.finish()


if __name__ == "__main__":
    main()
