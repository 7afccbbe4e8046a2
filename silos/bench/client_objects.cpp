// SPDX-License-Identifier: Apache-2.0
//
// What is done to objects and capabilities, and what becomes of a silo that faults.
#include <string_view>

#include "parts.hpp"

namespace bench {

namespace {

void measure_region() {
  const Region region = Region::create(1).value();
  granary_region_map_result mapped{};
  measure(
      Row::RegionMapUnmap, kRounds, "a region is mapped and unmapped", [&]() __attribute__((always_inline)) {
        const granary_status status = granary_region_map(region.value(), 2, &mapped);
        return status == GRANARY_OK ? granary_region_unmap(region.value(), mapped.address) : status;
      });
  expect(region.info().value().mappings == 0, "no mapping is left");
  region.close().value();
}

void measure_capability() {
  const Notification notification = Notification::create().value();
  const std::uint64_t rights = notification.info().value().rights;
  granary_handle copy = 0;
  measure(
      Row::CapabilityDuplicateClose, kRounds,
      "a capability is duplicated and closed", [&]() __attribute__((always_inline)) {
        const granary_status status = granary_handle_duplicate(notification.value(), rights, &copy);
        return status == GRANARY_OK ? granary_handle_close(copy) : status;
      });
  expect(!Handle(copy).info().ok(), "the copy is gone");
  notification.close().value();
}

void measure_yield() {
  measure(Row::Yield, kRounds, "a yield comes back", [] { return granary_yield(); });
}

}  // namespace

void measure_objects() {
  measure_region();
  measure_capability();
  measure_yield();
}

void measure_page_faults() {
  open_window(Row::PageFault, 1);
  const granary_status status = granary_notification_signal(handles::start_fault.value(), 1);
  close_window();
  expect(status == GRANARY_OK, "the silo that faults was told to");
  const Result<SiloStatus> record = handles::faulty.status();
  expect(record.ok() && record->state == abi::SiloState::Faulted, "its fault is on record");
}

void measure_restart() {
  std::uint32_t number = 0, next = 0;
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        if (std::string_view(silo.name) == "restarted") number = next;
        ++next;
      })
      .value();
  settle();
  open_window(Row::RestartSilo, 1);
  const granary_status status = granary_system_restart(handles::system.value(), number);
  close_window();
  settle();  // it has been printed
  expect(status == GRANARY_OK, "the silo was restarted");
  const Result<SiloLife> life = handles::system.life(number);
  expect(life.ok() && life->restarts == 1, "once");
}

}  // namespace bench
