// SPDX-License-Identifier: Apache-2.0
//
// Looks at the system and stops silos, with every handle it has and all that it can guess. Expected: refused, and
// nothing is written to its message page. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

void try_all(granary_handle handle, bool may_be_bad, const char* what) {
  granary_system_silos_result silos;
  granary_system_threads_result threads;
  granary_system_capabilities_result capabilities;
  const granary_status seen[] = {granary_system_silos(handle, 0, &silos), granary_system_threads(handle, 0, &threads),
                                 granary_system_capabilities(handle, 0, 0, &capabilities),
                                 granary_system_kill(handle, 0), granary_system_kill(handle, ~std::uint64_t{0})};
  for (const granary_status status : seen)
    holds(status == GRANARY_EPERM || (may_be_bad && status == GRANARY_EBADF), what);
}

}  // namespace

int main() {
  std::uint64_t page = 0;
  granary_message_page(&page);
  try_all(handles::console.value(), false, "by the console");
  for (std::uint32_t slot = 0; slot < 64; ++slot) {
    for (std::uint32_t generation = 0; generation < 4; ++generation)
      try_all(abi::make_handle(generation, slot), true, "by a guessed handle");
  }
  for (unsigned i = 0; i < 512; ++i) holds(read(page + 8 * i) == 0, "something was told");
  return outcome();
}
