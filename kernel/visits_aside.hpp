// SPDX-License-Identifier: Apache-2.0
//
// VisitsAside: calls of threads of other cores that are not to be done now, because somebody more urgent than the silo
// that is called has the core, or because that silo's window is closed (visits_aside.cpp). One for each core, touched
// as its inbox is. A thread leaves by take_due(), or whenever its operation is cancelled.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "ipc/party.hpp"

namespace kernel {

class VisitsAside {
 public:
  /// Until nobody more urgent than that is ready. `about` is what the party waits for, in reports.
  void put_behind(ipc::Party& party, const ipc::Object& about, base::Priority urgency) {
    static_cast<void>(ipc::wait_in(party, level_[urgency.value()], about));
    levels_ |= std::uint64_t{1} << urgency.value();
  }
  /// Until the window of that partition opens.
  void put_outside(ipc::Party& party, const ipc::Object& about, std::uint8_t partition) {
    static_cast<void>(ipc::wait_in(party, closed_[partition], about));
  }

  /// Whether there may be one to take while `open` is the open partition and `next` the urgency of who would run.
  bool may_be_due(std::uint8_t open, base::Priority next) const {
    return levels_ >> next.value() != 0 || !closed_[open].is_empty();
  }
  /// Taken out: the most urgent, no less urgent than `next`; one whose window has opened before all others. Null: none.
  ipc::Party* take_due(std::uint8_t open, base::Priority next);
  /// Taken out: one that waits for that object of a silo of this partition and urgency. Null: none. As many steps as
  /// there are who wait with it.
  ipc::Party* take_who_waits_for(const ipc::Object& object, std::uint8_t partition, base::Priority urgency);

 private:
  /// Bit n may be set though nobody is left in level_[n], who has been cancelled; never the other way round.
  std::uint64_t levels_ = 0;
  ipc::PartyQueue level_[abi::kPriorityCount];
  ipc::PartyQueue closed_[abi::kIdlePartition + 1];
};

}  // namespace kernel
