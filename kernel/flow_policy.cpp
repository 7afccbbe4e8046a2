// SPDX-License-Identifier: Apache-2.0
//
// Flow policy: see flow_policy.hpp.
#include "kernel/flow_policy.hpp"

#include "kernel/silo.hpp"

namespace kernel {

bool flow_permits(const Silo& silo, const ipc::Object& object, std::uint64_t rights) {
  const unsigned id = silo.id.value();
  if ((rights & kSendingRights) != 0 && !object.ever_received.is_within(silo.may_reach, id)) return false;
  return (rights & kReceivingRights) == 0 || object.ever_sent.is_within(silo.reached_by, id);
}

void note_flow(base::SiloId silo, ipc::Object& object, std::uint64_t rights) {
  if ((rights & kSendingRights) != 0) object.ever_sent.add(silo.value());
  if ((rights & kReceivingRights) != 0) object.ever_received.add(silo.value());
}

bool may_reach(const Silo& from, const Silo& to) { return &from == &to || from.may_reach.has(to.id.value()); }

}  // namespace kernel
