// SPDX-License-Identifier: Apache-2.0
//
// Flow policy: which silo may ever reach which, fixed by the manifest. A capability is a way for something to get from
// one silo to another; whether that way may exist is asked when a capability gets into a silo's table (boot, grant,
// connect, transfer in a message), and never again, so a send costs nothing. Each object remembers who has ever held a
// sending or a receiving capability to it; a new holder must be permitted towards all of them.
//
// INVARIANT: for every object and every two different silos of which one has ever held a sending and the other a
// receiving capability to it, the policy permits the first to reach the second. (A reply goes the other way without
// being asked: permitting a call permits its answer.)
#pragma once

#include "kernel/base/ids.hpp"
#include "kernel/capability.hpp"

namespace kernel {

class Silo;

/// Rights by which something gets from the holder to others, and from others to the holder.
template <typename... Rights>
constexpr std::uint64_t rights_mask(Rights... rights) {
  return (static_cast<std::uint64_t>(rights) | ...);
}
inline constexpr std::uint64_t kSendingRights = rights_mask(
    abi::Right::PortSend, abi::Right::PortCall, abi::Right::ChannelSend, abi::Right::AsyncSend,
    abi::Right::NotificationSignal, abi::Right::SemaphorePost, abi::Right::TimerSet, abi::Right::RegionWrite);
inline constexpr std::uint64_t kReceivingRights = rights_mask(
    abi::Right::PortReceive, abi::Right::ChannelReceive, abi::Right::AsyncReceive, abi::Right::NotificationWait,
    abi::Right::SemaphoreWait, abi::Right::RegionRead, abi::Right::RegionWrite);

/// Whether the policy permits that `silo` holds a capability to `object` with these rights.
bool flow_permits(const Silo& silo, const ipc::Object& object, std::uint64_t rights);
/// It holds one from now on.
void note_flow(base::SiloId silo, ipc::Object& object, std::uint64_t rights);

/// Whether something may get from one silo to the other.
bool may_reach(const Silo& from, const Silo& to);

}  // namespace kernel
