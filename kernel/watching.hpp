// SPDX-License-Identifier: Apache-2.0
//
// What a thread or a binding can watch: for each type of object its conditions, the right that watching asks for, and
// whether it holds now. The one place that knows; the objects raise their points where these become true.
#pragma once

#include <cstdint>

#include "ipc/watch.hpp"
#include "kernel/capability.hpp"
#include "kernel/kernel_memory.hpp"

namespace kernel {

struct Watched {
  ipc::WatchPoint* point;
  bool is_ready;
};

/// EINVAL the type of object has no such event; EPERM the capability lacks the right to take what would be there.
base::Result<Watched> watched(Unlocked, const Capability& capability, abi::Event event);

/// The points of an object to which something can be bound: at most kPointsMaximum.
inline constexpr unsigned kPointsMaximum = 4;
unsigned bindable_points(ipc::Object& object, ipc::WatchPoint* (&points)[kPointsMaximum]);

}  // namespace kernel
