#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Writes the manifest of a system with so many silos, for the rows that show whether cost grows with them: a client and
# its server (silos/bench/scale_client.cpp, echo_server.cpp) and bystanders, which are one program, compiled once.
#     scaled_system.py SILOS CAPABILITIES ROW BYSTANDER.elf OUTPUT.toml

import pathlib
import sys

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "silos" / "bench"
BESIDES_BYSTANDERS = 2


def manifest(silos, capabilities, row, bystander):
    yield f"# {silos} silos, written by tools/bench/scaled_system.py"
    yield f'system = "bench_{silos}"'
    yield f'[silo.client]\nprogram = "{SOURCES}/scale_client.cpp"\nargument = {row}\nverdict = true'
    yield f"capabilities = {capabilities}"
    yield f'[silo.server]\nprogram = "{SOURCES}/echo_server.cpp"'
    yield '[port.echo]\nowner = "server"\nclients = ["client"]'
    for number in range(silos - BESIDES_BYSTANDERS):
        yield f'[silo.bystander_{number}]\nprogram = "{bystander}"'


def main():
    silos, capabilities, row = map(int, sys.argv[1:4])
    bystander, output = pathlib.Path(sys.argv[4]).resolve(), pathlib.Path(sys.argv[5])
    text = "\n".join(manifest(silos, capabilities, row, bystander)) + "\n"
    if not output.exists() or output.read_text() != text:   # the same text must not make the system anew
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text)


if __name__ == "__main__":
    main()
