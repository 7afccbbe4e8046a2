// SPDX-License-Identifier: Apache-2.0
//
// Answers the calls of its pair's client (echo_loop.hpp). Its argument is the number of the pair.
#include "echo_loop.hpp"
#include "pairs.hpp"

int main() { return bench::echo(bench::kEchoes[granary::argument()]); }
