// SPDX-License-Identifier: Apache-2.0
//
// Measures every row of the bench system, one after the other, and gives the verdict: how many results were wrong.
// The loops are in the files of the parts; the silos at the other end are programs of their own.
#include "parts.hpp"

int main() {
  using namespace bench;
  settle();
  measure_ports();
  measure_channels();
  measure_async_channels();
  measure_events();
  measure_objects();
  measure_stream();
  measure_timer_wake_up();
  measure_device_interrupt();
  measure_page_faults();
  measure_restart();
  printf("bench: %d results were wrong\n", failures);
  handles::system.verdict(static_cast<std::uint64_t>(failures)).value();
  return failures;
}
