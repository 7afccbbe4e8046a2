// SPDX-License-Identifier: Apache-2.0
//
// Answers each call of a client on its own core (echo_loop.hpp).
#include "echo_loop.hpp"
#include "handles.hpp"

int main() { return bench::echo(handles::echo); }
