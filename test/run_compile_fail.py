#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Things that must not compile: test/compile_fail/*.cpp. Each begins with
#     // expects: words of the compiler's message
#     // layer: the layer whose include root and flags it is compiled with
# and must fail with these words as it is, and compile with -DCOMPILES, where it shows the right way: so it fails
# for that reason alone. Two cases for each file.

import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results


def field(text, name):
    match = re.search(rf"^// {name}: (.+)$", text, re.MULTILINE)
    return match.group(1).strip() if match else None


def compile_errors(compiler, flags, path, *more):
    """The compiler's messages, or nothing if it is content."""
    command = compiler + flags + [*more, "-fsyntax-only", "-fdiagnostics-color=never", str(path)]
    environment = dict(os.environ, LC_ALL="C")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    return done.stdout or f"status {done.returncode}" if done.returncode else ""


def check(path, options, flags, results):
    name, text = path.stem.replace("_", " "), path.read_text()
    expects, layer = field(text, "expects"), field(text, "layer")
    if not expects or layer not in flags or "COMPILES" not in text:
        results.case(False, name, "needs the lines `// expects: WORDS`, `// layer: LAYER`, and a variant under #ifdef COMPILES")
        return
    compiler = shlex.split(options.compiler)
    errors = compile_errors(compiler, flags[layer], path)
    results.case(expects in errors, f"{name}: does not compile",
                 f"expected: {expects}\n" + ("\n".join(errors.splitlines()[:6]) or "it compiles"))
    errors = compile_errors(compiler, flags[layer], path, "-DCOMPILES")
    results.case(not errors, f"{name}: the right way compiles", "\n".join(errors.splitlines()[:6]))


def main():
    parser = argparse.ArgumentParser(description="Compiles what must not compile.")
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", nargs=2, action="append", default=[], metavar=("LAYER", "FLAGS"))
    parser.add_argument("--results")
    options = parser.parse_args()
    flags = {layer: shlex.split(text) for layer, text in options.flags}
    results = Results("compile-fail", options.results)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for future in [pool.submit(check, path, options, flags, results)
                       for path in sorted((ROOT / "test" / "compile_fail").glob("*.cpp"))]:
            future.result()
    results.finish()


if __name__ == "__main__":
    main()
