// SPDX-License-Identifier: Apache-2.0
//
// Measures the call among many silos, with a full capability table: its argument is the row. Cost that grows with the
// number of silos or capabilities would show here.
#include "calls.hpp"
#include "handles.hpp"

int main() {
  using namespace bench;
  Result<Port> copy = handles::echo.duplicate();
  std::uint64_t capabilities = 0;
  for (; copy.ok(); ++capabilities) copy = handles::echo.duplicate();
  expect(copy.error() == kTableFull, "the table is filled until it is full");
  settle();
  measure_calls(static_cast<Row>(argument()), handles::echo, false, GRANARY_DEADLINE_FOREVER);
  printf("bench: %d results were wrong, with %" PRIu64 " more capabilities\n", failures, capabilities);
  handles::system.verdict(static_cast<std::uint64_t>(failures)).value();
  return failures;
}
