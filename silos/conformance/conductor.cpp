// SPDX-License-Identifier: Apache-2.0
//
// Waits until every silo that it observes has ended, and gives the verdict: how many did not end with status 0. It
// finds them in its own capability table, so one program serves every system: the manifest says whom it observes, and
// by its argument how many seconds it waits (0: twenty).
#include "check.hpp"

using namespace conformance;

namespace {

bool ended_well(Silo silo, Clock::time_point latest) {
  SiloStatus status = silo.status().value();
  while (status.running() && Clock::now() < latest) {
    sleep_for(5ms);
    status = silo.status().value();
  }
  if (status.state == abi::SiloState::Exited && status.exit_status == 0) return true;
  if (status.running()) printf("# it has not ended\n");
  if (status.state == abi::SiloState::Exited)
    printf("# it ended with status %d\n", static_cast<int>(status.exit_status));
  if (status.state == abi::SiloState::Faulted) printf("# it was stopped at %#" PRIx64 "\n", status.fault_address);
  return false;
}

}  // namespace

int main() {
  const Clock::time_point latest = Clock::now() + (argument() == 0 ? 20s : std::chrono::seconds(argument()));
  System system;
  int number = 0;
  for (std::uint32_t index = 1; index < 64; ++index) {
    const Handle handle(abi::make_manifest_handle(index));
    const Result<HandleInfo> info = handle.info();
    if (!info) continue;
    if (info->type == abi::ObjectType::System) system = System(handle.value());
    if (info->type != abi::ObjectType::Silo) continue;
    char text[64];
    snprintf(text, sizeof text, "observed silo %d has done its checks", ++number);
    check(ended_well(Silo(handle.value()), latest), text);
  }
  const int failed = finish();
  system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
