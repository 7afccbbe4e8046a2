// SPDX-License-Identifier: Apache-2.0
//
// Answers calls that come from another core (echo_loop.hpp). Its argument is the number of the pair that calls.
#include "echo_loop.hpp"
#include "pairs.hpp"

int main() { return bench::echo(bench::kFarEchoes[granary::argument()]); }
