// SPDX-License-Identifier: Apache-2.0
//
// SYSTEM_OBJECTS: what there is of everything that silos make, so that an operator sees what does not come back. Each
// number is kept where its things are made and given back; nothing is counted here, so it costs the same in any system.
#include "kernel/message_registers.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo_memory.hpp"
#include "kernel/system_call.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_OBJECTS>(const Call& call) {
  const ObjectCounts counts = object_counts(call.held);
  const std::uint64_t objects = std::uint64_t{counts.ports} + counts.channels + counts.async_channels +
                                counts.notifications + counts.semaphores + counts.timers + counts.regions;
  const std::uint64_t frames =
      silo_frames().with(call.held, [](const FrameAllocator& all, auto) { return all.free_frames().value(); });
  call.results().succeed(Values{{kernel_pages_left(call.held).value(), frames, objects, counts.messages.taken,
                                 counts.mappings, counts.bindings, live_transfers(), counts.messages.reserved}});
  return Decision::stay();
}

}  // namespace kernel
