// SPDX-License-Identifier: Apache-2.0
//
// Sends back over the SyncChan of its pair what comes by it (return_loop.hpp). Its argument is the number of the pair.
#include "pairs.hpp"
#include "return_loop.hpp"

int main() { return bench::return_all(bench::kWires[granary::argument()]); }
