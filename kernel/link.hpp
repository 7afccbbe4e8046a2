// SPDX-License-Identifier: Apache-2.0
//
// Links with a deadline: what the manifest says of how long a silo may be kept waiting through one of its capabilities.
// The capability and everything derived from it carry the link's number, so a deadline is not lost by passing it on.
// Owns the links and the count of those that were missed. Made at boot; used by the core of the silo that waits, and
// its count, which is looked at in shared sections, in those alone.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

/// Number of a link; 0 is none, and has no deadline.
using LinkNumber = std::uint8_t;

/// Start of boot: there is no link.
void forget_links();
/// The link of the manifest's capability in this slot; the same one if it has been made before. `microseconds` 0: none.
/// EINVAL: less than abi::kLinkDeadlineMinimum or more than abi::kLinkDeadlineMaximum; ENOSPC: abi::kLinksMaximum.
base::Result<LinkNumber> make_link(base::SiloId silo, std::uint32_t slot, std::uint32_t microseconds);
/// How often an operation has been ended by its deadline.
std::uint64_t missed_deadlines(LinkNumber link);

/// The earlier of the deadline that was asked for and, from now on, the link's; one that does not wait stays so.
base::Ticks deadline_through(LinkNumber link, base::Ticks asked);
/// Until when an operation through the call's capability waits.
inline base::Ticks deadline_of(const Call& call) {
  const base::Ticks asked = call.arguments().deadline();
  // On behalf: its thread is blocked already, and until the right moment.
  return call.capability->link == 0 || call.is_on_behalf ? asked : deadline_through(call.capability->link, asked);
}

/// The thread's deadline, `expired`, has passed and its operation is about to end: counted and told if it was a link's.
void note_deadline(Thread& thread, base::Ticks expired);

}  // namespace kernel
