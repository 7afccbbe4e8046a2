// SPDX-License-Identifier: Apache-2.0
//
// Waits for nothing but answers of a server that always gives them at once; for ever.
#include "handles.hpp"
#include "watched.hpp"

using namespace granary;

int main() {
  for (;;) handles::echo_service.call({watched::kEcho}).value();
}
