// SPDX-License-Identifier: Apache-2.0
//
// Attachment: a capability on its way in a message, as the state machines see it: something that travels with the
// message, that a receiver may have no place for, and that goes back to the kernel if nobody receives it. What it is is
// known to the kernel alone (kernel/transfer.hpp).
//
// INVARIANT: an attachment belongs to exactly one message (queued, held out by a blocked party, or just delivered), or
// is in the list of dropped ones.
#pragma once

#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/result.hpp"

namespace ipc {

class Party;

struct Attachment {
  using Acceptable = base::Result<void> (*)(const Attachment&, const Party&);
  explicit constexpr Attachment(Acceptable check) : is_acceptable(check) {}
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  const Acceptable is_acceptable;  ///< whether the party's silo can take it now; its error if not
  base::ListNode<Attachment> dropped_node;
};

/// Whether the party can take what travels with a message; nothing always can be taken.
inline base::Result<void> acceptable(const Attachment* attachment, const Party& party) {
  return attachment == nullptr ? base::Result<void>() : attachment->is_acceptable(*attachment, party);
}

/// The message will not be received. Null is fine. The kernel takes it back soon.
void drop(Attachment* attachment);
/// The next of those, null if there is none.
Attachment* next_dropped();
bool some_are_dropped();

}  // namespace ipc
