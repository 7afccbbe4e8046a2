// SPDX-License-Identifier: Apache-2.0
//
// Does what is refused, when it is told to, and ends with a status that the auditor knows.
#include "audit.hpp"

#include "handles.hpp"

int main() {
  static_cast<void>(handles::stop_offender.receive());
  for (std::uint64_t i = 0; i < audit::kFloodCalls / 2; ++i) audit::call(audit::kFlood + i % 2);
  audit::call(audit::kHidden);
  for (std::uint64_t i = 0; i < audit::kFloodCalls / 2; ++i) audit::call(audit::kFlood + i % 2);
  return audit::kExitStatus;
}
