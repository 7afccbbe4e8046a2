// SPDX-License-Identifier: Apache-2.0
//
// Sends back over a SyncChan what comes by it (return_loop.hpp).
#include "handles.hpp"
#include "return_loop.hpp"

int main() { return bench::return_all(handles::wire); }
