// SPDX-License-Identifier: Apache-2.0
//
// What a driver has of the machine: an interrupt line, and the registers of its device. The manifest gives both
// ([interrupt.NAME], [device.NAME]). A driver binds its line to a notification and waits:
//
//   handles::alarm.bind(word, kAlarm).value();
//   for (;;) {
//     word.wait(kAlarm).value();       // the line has fired, and stays silent
//     ... quieten the device ...
//   }                                  // waiting again lets it fire again
//
// A driver that waits by WaitSet says finish() instead, after it has quietened the device. docs/drivers.md.
#pragma once

#include <cstdint>

#include "granary/notification.hpp"

namespace granary {

struct InterruptStatistics {
  std::uint64_t fired = 0;
  std::uint64_t held_back = 0;  ///< how often it was made to wait because it had fired too often
  std::uint64_t line = 0;       ///< number at the interrupt controller
  std::uint64_t rate = 0;       ///< how often it may fire in a second
};

class Interrupt : public Handle {
 public:
  using Handle::Handle;

  /// From now on the line sets these bits when it fires. kInvalidArgument no bits; kNotPermitted bits that
  /// `notification` may not set; kExists it is bound.
  Result<void> bind(const Notification& notification, std::uint64_t bits) const {
    return detail::checked(granary_interrupt_bind(value(), notification.value(), bits), SystemCall::INTERRUPT_BIND);
  }
  /// Whether it had fired; it may fire again.
  Result<bool> finish() const {
    std::uint64_t had_fired;
    const granary_status status = granary_interrupt_finish(value(), &had_fired);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::INTERRUPT_FINISH);
    return had_fired != 0;
  }
  /// The line is off. kNotFound if it is not bound.
  Result<void> unbind() const {
    return detail::checked(granary_interrupt_unbind(value()), SystemCall::INTERRUPT_UNBIND);
  }
  Result<InterruptStatistics> statistics() const {
    granary_interrupt_stats_result stats;
    const granary_status status = granary_interrupt_stats(value(), &stats);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::INTERRUPT_STATS);
    return InterruptStatistics{stats.fired, stats.held_back, stats.number_of_the_line, stats.limit_per_second};
  }
};

struct DeviceInfo {
  enum class Board : std::uint64_t { Another = 0, Virt = 1, RaspberryPi4 = 2 };

  std::uint64_t registers = 0;  ///< address of the first one in this silo
  std::uint64_t bytes = 0;
  std::uint64_t physical = 0;  ///< the same in physical memory
  Board board = Board::Another;
};

/// Pages of a device, mapped as device memory for reading and writing.
struct Device {
  std::uint64_t address;  ///< of the first page; the registers begin there, or within it
  std::uint64_t size;     ///< there is room for so many bytes; not all of it needs to be mapped

  /// kNotFound: this silo has no such device.
  Result<DeviceInfo> info() const {
    granary_device_info_result info;
    const granary_status status = granary_device_info(address, &info);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::DEVICE_INFO);
    return DeviceInfo{info.registers, info.bytes, info.physical_address, static_cast<DeviceInfo::Board>(info.board)};
  }
  /// A register of a device whose registers begin with its page.
  volatile std::uint32_t& word(std::uint64_t offset) const { return word_at(address + offset); }
  static volatile std::uint32_t& word_at(std::uint64_t address) {
    // SAFETY: the kernel has mapped the device's pages there for this silo, or it is stopped.
    return *reinterpret_cast<volatile std::uint32_t*>(address);
  }
};

}  // namespace granary
