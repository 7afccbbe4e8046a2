// SPDX-License-Identifier: Apache-2.0
//
// Interrupt lines and devices: what lies between the registers and the objects.
#include "kernel/blocking_call.hpp"
#include "kernel/devices.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::INTERRUPT_BIND>(const Call& call) {
  Capability* const signaller =
      TRY(call.silo().capabilities.lookup(call.arguments().notification(), abi::Right::NotificationSignal));
  TRY(bind_line(call.core(), line_of(*call.capability->object), *signaller, call.arguments().bits()));
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::INTERRUPT_FINISH>(const Call& call) {
  const bool had_fired = finish_line(line_of(*call.capability->object));
  call.results().succeed(had_fired ? 1 : 0);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::INTERRUPT_UNBIND>(const Call& call) {
  InterruptObject& line = line_of(*call.capability->object);
  if (line.notification == nullptr) return base::Error::ENOENT;
  end_line(line);
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::INTERRUPT_STATS>(const Call& call) {
  const InterruptObject& line = line_of(*call.capability->object);
  call.results().succeed(line.fired, line.held_back, line.line.value(), line.rate);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::DEVICE_INFO>(const Call& call) {
  const GivenDevice* const device = device_at(call.silo().id, call.arguments().device_address());
  if (device == nullptr) return base::Error::ENOENT;
  const std::uint64_t offset = device->registers.value() % base::kPageSize;
  call.results().succeed(device->range.start().value() + offset, device->bytes, device->registers.value(),
                         static_cast<std::uint64_t>(device->board));
  return Decision::stay();
}

}  // namespace kernel
