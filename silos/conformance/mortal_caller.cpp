// SPDX-License-Identifier: Apache-2.0
//
// A client that ends while its call is served: its second thread ends the silo under it. argument 0: exits; 1:
// faults. The checks are in widow.cpp. Manifest: threads = { killer = { entry = "killer_main" } }, client of port
// `widow`.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

extern "C" void killer_main(std::uint64_t how) {
  sleep_for(200ms);
  if (how == 0) exit_silo(0);
  word_at(16) = 1;
}

int main() {
  handles::widow.call({argument()}).error();
  return 1;
}
