#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# The SDK as its user has it: the tarball is unpacked in an empty folder, and everything is done with that alone. Where
# this process may (unshare), the source tree is hidden from every command. What was downloaded for the Raspberry Pi 4
# is copied, so that nothing is downloaded again.

import argparse
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from results import Results
import console_views

HIDE = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"', str(ROOT)]
TIME_LIMIT = 300


class User:
    """Somebody with a folder, the SDK in the PATH, and nothing else."""

    def __init__(self, folder, packages):
        self.folder = folder
        self.can_hide = subprocess.run([*HIDE, "true"], capture_output=True).returncode == 0
        self.environment = {name: value for name, value in os.environ.items() if name in ("LANG", "TERM", "TZ")}
        self.environment |= {"HOME": str(folder), "GRANARY_PACKAGES": str(packages), "PATH": os.environ["PATH"]}

    def use(self, sdk):
        self.environment["PATH"] = f"{sdk}/bin:" + os.environ["PATH"]

    def does(self, command, where=".", answer=""):
        """(exit status, what was printed)"""
        words = (HIDE if self.can_hide else []) + ["bash", "-c", command]
        done = subprocess.run(words, cwd=self.folder / where, env=self.environment, input=answer, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIME_LIMIT)
        return done.returncode, done.stdout


def copy_packages(source, target):
    for name in ("raspi4b", "arm64/usr/lib/u-boot/rpi_4"):
        if (source / name).exists():
            shutil.copytree(source / name, target / name)


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return {}


def typed_into_zsh(functions, lines):
    """What a terminal shows when these are typed into a zsh that finds completions in the folder `functions`."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "dumb"
        os.execvp("zsh", ["zsh", "-f", "-i"])
    shown = b""

    def read(silence):
        nonlocal shown
        while select.select([terminal], [], [], silence)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                return

    read(1)
    for line in (f"PS1='> '; fpath=({functions} $fpath); autoload -U compinit; compinit -u -D\n", *lines):
        os.write(terminal, line.encode())
        read(2)
        os.write(terminal, b"" if line.endswith("\n") else b"\x15")  # the line is thrown away
    os.write(terminal, b"exit\n")
    read(1)
    os.close(terminal)
    os.waitpid(child, 0)
    return shown.decode(errors="replace")


class Tests:
    def __init__(self, user, results, sdk):
        self.user, self.results, self.sdk = user, results, sdk

    def expect(self, name, command, status=0, needs=(), where=".", answer=""):
        try:
            got, output = self.user.does(command, where, answer)
        except subprocess.TimeoutExpired:
            self.results.case(False, name, f"`{command}` did not end within {TIME_LIMIT} s")
            return ""
        wrong = [] if got == status else [f"`{command}` ended with {got}, not {status}"]
        wrong += [f"nothing matches {pattern}" for pattern in needs if not re.search(pattern, output, re.MULTILINE)]
        self.results.case(not wrong, name, "\n".join(wrong + output.splitlines()[-12:]))
        return output

    def a_new_project(self):
        self.expect("granary new makes a project", "granary new demo", needs=["cd demo"])
        files = [path for path in (self.user.folder / "demo").iterdir() if path.is_file()]
        lines = sum(path.read_text().count("\n") for path in files)
        self.results.case(lines <= 60, f"a new project has {lines} lines in {len(files)} files")
        self.expect("a name that is taken is refused", "granary new demo", 1, ["there already"])
        self.expect("a name that C++ keeps is refused", "granary new int", 1, ["remedy: choose another name for the folder"])
        self.expect("granary build compiles it", "granary build", needs=["^build/demo/system.img"], where="demo")
        self.expect("granary run --once shows the exchange and ends with the verdict", "granary run --once", where="demo",
                    needs=[r"^\[window\] open 90 %", r"^\[thermometer\] 27 degrees", "status 0, passed"])
        self.expect("granary run has cores", "granary run --once --smp 4", where="demo", needs=["cores: 4 found"])
        self.expect("without --smp there are as many cores as the manifest names", "cp -r demo third && cd third && "
                    "sed -i 's/^\\[silo.window\\]/&\\ncore = 2/' system.toml && granary run --once",
                    needs=["cores: 3 found", "status 0, passed"])
        self.expect("granary test has as many cores, too", "granary test", where="third", needs=["^[1-9] passed, 0 failed"])
        self.expect("a board with cores of its own refuses --smp", "granary run --board raspi4b --smp 2", 2, where="demo",
                    needs=["granary: error: the Raspberry Pi 4 has four cores", "remedy: leave out --smp"])
        self.expect("granary run --timeout ends with 124", "granary run --timeout 2", 124, where="demo",
                    needs=["the 2 s of --timeout are over"])
        output = self.expect("granary test --json says what was found", "granary test --json 2>/dev/null", where="demo")
        self.results.case(parsed(output).get("passed") == 2, "what granary test --json says is JSON", output)
        self.expect("a test that fails is told", "sed -i 's/open 90/open 91/' tests.toml && granary test", 1, where="demo",
                    needs=["^FAILED", "no line matches `.*open 91"])
        self.expect("the project's Makefile works", "make && make check", where="demo", needs=["system.toml: sound"])

    def contracts(self):
        """A program that was built before its messages were changed; comes before the project is spoilt (mistakes)."""
        change = "sed -i 's/percent = \"u8\"/percent = \"u16\"/; s/\"window.cpp\"/\"old_window.elf\"/' system.toml"
        self.expect("messages can be declared", "cp -r demo declared && cd declared && printf '[port.opening.messages.open]\\nfields = "
                    "{ percent = \"u8\" }\\n' >> system.toml && granary build && cp build/demo/window/window.elf old_window.elf")
        said = self.expect("a program with an old contract is refused in words", f"{change} && granary build", 1, where="declared", needs=[
            r"^old_window.elf: error: it was built with another contract of port `opening` than .*: message `open` is "
            r"open=1\(u8 percent@0\) in the program and open=1\(u16 percent@0\) in the manifest; the program is the older",
            "remedy: build the program again"])
        self.results.case(said.count("remedy: ") == 1 and "make: ***" not in said, "the remedy is said once, and make adds nothing", said)

    def no_operator_in_c(self):
        folder = self.user.folder / "in_c"
        folder.mkdir()
        (folder / "system.toml").write_text('system = "in_c"\n[silo.plain]\nprogram = "plain.c"\n')
        (folder / "plain.c").write_text('#include "handles.h"\n'
                                      'int main(void) { return (int)granary_system_kill(HANDLE_SYSTEM, 1); }\n')
        self.expect("and in C", "granary build", 1, where="in_c", needs=["plain.c:2.*error.*silo has no handle `system`: add `verdict"])
        (folder / "plain.c").write_text('#include "handles.h"\nint main(void) { return 0; }\n')
        self.expect("who does not ask for it is not told", "granary build", where="in_c")

    def programs(self):
        """What is wrong with a program is said by every command that builds it, in words of this system."""
        folder = self.user.folder / "program"
        folder.mkdir()
        manifest = 'system = "program"\n[silo.one]\nprogram = "one.cpp"\n'
        (folder / "system.toml").write_text(manifest + 'heap = "16 KiB"\nquota = { ports = 1 }\n[port.of_one]\nowner = "one"\n')
        (folder / "one.cpp").write_text("#include <iostream>\nint main() { std::cout << 1; }\n")
        self.expect("a header that silos do not have says what there is instead", "granary run --once", 1, where="program",
                    needs=["silos have no streams: write with printf"])
        (folder / "one.cpp").write_text("int start() { return 0; }\n")
        self.expect("so does a program without main", "granary run --once", 1, where="program",
                    needs=["undefined reference to `main'", r"remedy: .*`int main\(\)`"])
        (folder / "one.cpp").write_text("void elsewhere();\nint main() { elsewhere(); }\n")
        self.expect("and what is nowhere defined", "granary sdcard", 1, where="program",
                    needs=["elsewhere", "remedy: name the file that has it"])
        (folder / "one.cpp").write_text("#include <map>\nint main() { return std::map<int, int>{{1, 0}}.at(1); }\n")
        self.expect("std::map works, and a handle that nobody uses is told by granary run", "granary run --once", where="program",
                    needs=["verdict: status 0", "warning: silo `one` has the capability `of_one`, and its program never names it"])
        (folder / "one.cpp").write_text("#include <vector>\nint main() {\n  std::vector<int> few(2);\n"
                                        "  return few.at(few.size() + 5);\n}\n")
        self.expect("what ends in the C++ library says where", "granary run --once", 1, where="program",
                    needs=[r"refused: vector::_M_range_check: __n \(which is 7\) >= this->size\(\) \(which is 2\)",
                           "^abort of silo one:", r"at one\.cpp:4", r"main at one\.cpp:4|main at .*one\.cpp"])
        (folder / "no_heap.toml").write_text(manifest)
        self.expect("a program that needs a heap and has none is warned of", "granary build no_heap.toml", where="program",
                    needs=["warning: the program of silo `one` takes memory from a heap, and it has none", "remedy: write heap"])
        (folder / "one.cpp").write_text("int main() { volatile char much[90000]; much[5] = 0; return much[5]; }\n")
        for command in ("granary run --once", "granary sdcard", "granary report -o r.html"):
            self.expect(f"{command} refuses a stack that is too small", command, 1, where="program",
                        needs=["error: thread `main` of silo `one` can need 9[0-9]+ bytes of stack, and has", 'remedy: write stack = "'])

    def crashes(self):
        """A crash in the SDK's own code: what was compiled elsewhere names no folder of that machine."""
        program = ("#include <cstring>\nint main() {\n  volatile unsigned size = 64;\n"
                   "  std::memset(reinterpret_cast<void*>(8), 1, size);\n}\n")
        crash = self.user.folder / "crash"
        crash.mkdir()
        (crash / "system.toml").write_text('system = "crash"\n[silo.faulty]\nprogram = "faulty.cpp"\n')
        (crash / "faulty.cpp").write_text(program)
        output = self.expect("a crash is told with functions and files", "granary run --once", 1, where="crash",
                             needs=["crash of silo faulty", r"main at faulty\.cpp:4", r"at silos/sdk/[a-z_]+\.cpp:\d+"])
        self.results.case(str(ROOT) not in output, "it names no folder of the machine that made the SDK", output)
        self.results.case("granary: silo faulty: " not in output, "it is not told twice", output)
        self.expect("the console as it came is in a file", "cat build/crash/console.log", where="crash",
                    needs=["^granary: silo faulty: #0 0x", "^granary: silo faulty: end of the report"])

    def debugger(self):
        if not shutil.which("gdb-multiarch"):
            self.results.skip("granary run --gdb", "no gdb-multiarch")
            return
        # All silos are linked at the same address: this one is the first of the manifest, so its VMID is 1.
        script = ("add-symbol-file build/demo/thermometer/thermometer.elf\nhbreak thermometer.cpp:13 if ($VTTBR_EL2 >> 48) == 1\n"
                  "continue\nbacktrace\nprint $VTTBR_EL2 >> 48\n")
        (self.user.folder / "demo" / "stop.gdb").write_text(script)
        self.expect("granary run --gdb stops in a silo, and shows function and line",
                    "GDB_ARGUMENTS='-batch -x stop.gdb' granary run --gdb", where="demo",
                    needs=[r"^#0 +main \(\) at .*thermometer\.cpp:13", r"^\$1 = 1$"])

    def zsh(self):
        if not shutil.which("zsh"):
            self.results.skip("the completion for zsh", "no zsh")
            return
        shown = typed_into_zsh(self.sdk / "share/zsh/site-functions", ["granary bui\t", "granary run --sm\t", "granary run --board ras\t"])
        for wanted in ("granary build ", "granary run --smp ", "granary run --board raspi4b"):
            self.results.case(wanted in shown, f"zsh completes to `{wanted}`", shown)

    def mistakes(self):
        self.expect("a bad command line ends with 2", "granary biuld", 2, ["granary: error: .*`biuld`", "remedy: did you mean `build`"])
        self.expect("so does a bad option", "granary run --onec", 2, ["granary: error: ", "remedy: did you mean `--once`"])
        self.expect("granary help tells of all commands", "granary help", needs=["^ +run +builds, then runs"])
        self.expect("granary help tells of one", "granary help run", needs=["Usage: granary run ", "--card"])
        self.expect("granary version is --version", 'test "$(granary version)" = "$(granary --version)"')
        self.expect("a silo that there is not is refused", "granary build --silo nobody", 1, where="demo",
                    needs=["error: there is no silo `nobody`", "remedy: the silos are thermometer and window"])
        self.expect("a test that there is not is refused", "granary test --only nothing", 1, where="demo",
                    needs=["error: no test has `nothing` in its name", "remedy: the tests are "])
        self.expect("a test whose time is up says so", "cp -r demo slow && cd slow && "
                    "printf 'int main() { for (;;) {} }' >thermometer.cpp && printf '[test.never]\\nseconds = 1\\n' >tests.toml && "
                    "granary test", 1, ["the time was up: there was no verdict within 1 s; `seconds = 2` in the test gives more"])
        self.expect("a design is checked and drawn before its programs are there", "rm -rf design && mkdir design && cp demo/system.toml "
                    "design && cd design && granary check && granary graph -o - | grep -c '<svg'",
                    needs=["warning: the program `window.cpp` of silo `window` does not exist", "system.toml: sound", "^1$"])
        self.expect("it cannot be built", "granary build", 1, ["error: the program `window.cpp` of silo `window` does not exist"], "design")
        self.expect("on a terminal a picture goes to a file", "script -qec 'granary graph' /dev/null && grep -c '<svg' demo.svg",
                    where="design", needs=["demo.svg: written", "^1$"])
        self.expect("and so does a report", "script -qec 'granary report' /dev/null && grep -c '<html' demo.html", where="demo",
                    needs=["demo.html: written", "^1$"])
        self.expect("or is refused, if it is to be what no report is", "granary report -o r.pdf", 2, where="demo",
                    needs=["error: a report is HTML or JSON, not `.pdf`"])
        self.expect("a picture of another kind is refused", "granary graph -o demo.png", 2, where="demo",
                    needs=["error: a graph is an SVG picture or text for Graphviz, not `.png`", "remedy: -o graph.svg"])
        self.expect("what only an operator may do is refused in words", "cp -r demo operator && cd operator && sed -i "
                    "'s/^int main() {/&\\n  (void)handles::system.kill(1);/' thermometer.cpp && granary build", 1,
                    needs=["error: static assertion failed: this silo has no handle `system`: add `operator = true`"])
        self.expect("a program that does not compile is told", "sed -i 's/handles::opening/handles::openings/' window.cpp && granary build",
                    1, where="demo", needs=["window.cpp:.*error"])
        output = self.expect("a refusal ends with 1 and is JSON if wanted",
                             "sed -i 's/^priority/prioritty/' system.toml && granary check --json 2>/dev/null", 1, where="demo")
        found = (parsed(output).get("diagnostics") or [{}])[0]
        self.results.case(found.get("line") == 8 and found.get("remedy") == "did you mean `priority`?", "the JSON names line and remedy",
                          output)
        self.expect("what is no card is refused", "cp -r ../demo ../demo2; cd ../demo2 && sed -i 's/prioritty/priority/' system.toml && "
                    "sed -i 's/openings/opening/' window.cpp && granary sdcard --device /dev/null --yes", 1, where="demo",
                    needs=["/dev/null: error: this is no disk"])

    def the_board(self):
        if not (pathlib.Path(self.user.environment["GRANARY_PACKAGES"]) / "raspi4b/bcm2711-rpi-4-b.dtb").exists():
            self.results.skip("the Raspberry Pi 4", "its device tree was not downloaded")
            return
        self.expect("a folder of downloads that cannot be made is refused with a remedy",
                    "GRANARY_PACKAGES=/dev/null/granary granary run --board raspi4b --once", 1, where="demo2", needs=[
                        "the folder /dev/null/granary cannot be written to", "remedy: set XDG_CACHE_HOME"])
        self.expect("granary sdcard makes a card with everything on it",
                    "granary sdcard -o card.img && MTOOLS_SKIP_CHECK=1 mdir -b -i card.img@@1M ::", where="demo2",
                    needs=["granary.img", "system.img", "u-boot.bin", "bcm2711-rpi-4-b.dtb", "boot.scr", "config.txt"])
        self.expect("granary run --card boots a card that is made, and does not write to it",
                    "granary sdcard --once -o once.img >/dev/null && sha256sum once.img >sum && "
                    "chmod 444 once.img && granary run --card once.img --once && sha256sum -c sum",
                    where="demo2", needs=["Granary: loading the kernel and the system image",
                                           r"^\[window\] open 90 %", "status 0, passed", "once.img: OK"])
        self.expect("a card that was not made for --once does not hang", "granary run --card card.img --once", 96, where="demo2",
                    needs=["no verdict: the card was not made for --once"])
        self.expect("what is no card image is refused", "granary run --card system.toml", 1, where="demo2",
                    needs=["system.toml: error: this is no card image", "remedy: "])
        self.expect("granary run --board raspi4b boots from a card", "granary run --board raspi4b --once", where="demo2",
                    needs=["U-Boot", r"^\[window\] open 90 %", "status 0, passed"])

    def other_builders(self):
        if shutil.which("cmake"):
            self.expect("CMake finds the package and builds the system",
                        f"cmake -S . -B build/cmake -DCMAKE_PREFIX_PATH={self.sdk} && cmake --build build/cmake", where="demo2")
            self.expect("CMake refuses a version that it is not",
                        f"sed -i 's/Granary REQUIRED/Granary 99 REQUIRED/' CMakeLists.txt && cmake -S . -B build/cmake2 "
                        f"-DCMAKE_PREFIX_PATH={self.sdk}", 1, ["99"], where="demo2")
        else:
            self.results.skip("CMake finds the package", "no cmake")
        if shutil.which("pkg-config"):
            self.expect("pkg-config knows where the kernel is",
                        f'test -s "$(PKG_CONFIG_PATH={self.sdk}/lib/pkgconfig pkg-config --variable=kernel granary)"')
        else:
            self.results.skip("pkg-config knows where the kernel is", "no pkg-config")

    def another_sdk(self):
        """A project that was built goes on with an SDK that has been moved, or with another one, and with nothing of the first."""
        first, second = self.user.folder / "sdk_a", self.user.folder / "sdk_b"
        for copy in (first, second):
            shutil.copytree(self.sdk, copy, symlinks=True)
        header = next(second.rglob("include/granary/granary.hpp"))
        self.expect("another SDK at first", f"granary new moved && cd moved && {first}/bin/granary build")
        header.write_text("#error of another SDK\n" + header.read_text())
        self.expect("then the headers of the other one are used", f"{second}/bin/granary build", 1, ["error of another SDK"], where="moved")
        self.expect("the library that comes with the SDK serves the C library that it was made with only",
                    "test ! -e build/sdk/libgranary.a && cp -r /usr/lib/picolibc/aarch64-linux-gnu clib && "
                    "sed -i 's/\\(__PICOLIBC_VERSION__\\) .*/\\1 \"0.0\"/' clib/include/picolibc.h && "
                    f"PICOLIBC=$PWD/clib {first}/bin/granary build && ls build/sdk/libgranary.a", where="moved")
        first.rename(self.user.folder / "sdk_c")
        self.expect("the first one can have been moved", f"{self.user.folder}/sdk_c/bin/granary build", where="moved")

    def the_rest(self):
        for example in sorted(path.name for path in (self.sdk / "share/granary/examples").iterdir()):
            self.expect(f"the example {example} builds", f"cp -r {self.sdk}/share/granary/examples/{example} example_{example} && "
                        f"granary build example_{example}")
        self.expect("the example hello runs", "granary run example_hello --once", needs=["hello from C$", "hello from C\\+\\+"])
        for page in ("man1/granary.1", "man5/granary-manifest.5"):
            text = (self.sdk / "share/man" / page).read_text()
            self.results.case(text.startswith(".TH GRANARY") and len(text) > 2000, f"there is a manual page {page}")
        self.expect("the completion for bash is one", f"source {self.sdk}/share/bash-completion/completions/granary && "
                    "COMP_WORDS=(granary ru) COMP_CWORD=1 && _granary && echo \"${COMPREPLY[*]}\"", needs=["^run$"])
        self.expect("the tool is found through a symbolic link", f"ln -s {self.sdk}/bin/granary link && ./link new by_link && "
                    "./link build by_link", needs=["by_link/build/by_link/system.img"])
        spaced = self.user.folder / "with a space"
        self.sdk.rename(spaced)
        self.user.use(spaced)
        self.expect("an SDK in a folder with a space is refused at once", "granary new spaced; test ! -e spaced && "
                    "granary build by_link", 1, needs=[
                        "with a space/share/granary: error: the SDK lies in a folder whose path has a character that make cannot handle",
                        "remedy: move the SDK to a folder"])
        self.sdk = spaced
        moved = self.user.folder / "elsewhere"
        self.sdk.rename(moved)
        self.user.use(moved)
        self.expect("the SDK can be moved", "granary new again && granary build again", needs=["again/build/again/system.img"])
        for path in moved.rglob("*"):
            if path.is_file() and path.suffix in (".mk", ".py", ".sh", ".cmake", ".pc", "") and path.name != "granary":
                if str(ROOT).encode() in path.read_bytes():
                    self.results.case(False, f"{path.relative_to(moved)} does not name the source tree")


def main():
    parser = argparse.ArgumentParser(description="Uses the SDK's tarball.")
    parser.add_argument("--tarball", type=pathlib.Path, required=True)
    parser.add_argument("--packages", type=pathlib.Path, required=True)
    parser.add_argument("--results")
    options = parser.parse_args()
    results = Results("sdk", options.results)
    console_views.check(results)
    with tempfile.TemporaryDirectory(prefix="granary-sdk-") as name:
        folder = pathlib.Path(name)
        copy_packages(options.packages.resolve(), folder / "packages")
        subprocess.run(["tar", "-xzf", options.tarball.resolve()], cwd=folder, check=True)
        sdk = next(path for path in folder.iterdir() if path.name.startswith("granary-sdk-"))
        user = User(folder, folder / "packages")
        user.use(sdk)
        if not user.can_hide:
            results.skip("the source tree is out of reach", "unshare is not permitted here")
        tests = Tests(user, results, sdk)
        tests.a_new_project()
        tests.contracts()
        tests.no_operator_in_c()
        tests.programs()
        tests.crashes()
        tests.debugger()
        tests.mistakes()
        tests.the_board()
        tests.other_builders()
        tests.another_sdk()
        tests.zsh()
        tests.the_rest()
    results.finish()


if __name__ == "__main__":
    main()
