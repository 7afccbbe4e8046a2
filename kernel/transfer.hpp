// SPDX-License-Identifier: Apache-2.0
//
// Transfer: a capability on its way in a message (abi::kFlagTransfer). It is taken out of the sender's table at the
// send, as a capability of its own that is derived from the sender's, so what the sender does afterwards changes
// nothing but by a revoke. At the delivery it becomes an entry of the receiver's table. All or nothing: a send that
// cannot take it sends nothing, a receive that has no place for it leaves the message where it is.
//
// INVARIANT: a transfer is charged to its sender's quota from the send until it is delivered or dropped.
// INVARIANT: its capability is counted and linked like one in a table, with holder kHolderKernel, unless it has been
// revoked (is_dead): then its message arrives without it.
#pragma once

#include "ipc/attachment.hpp"
#include "ipc/message.hpp"
#include "kernel/capability_table.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

/// A message that moves its capability (abi::kFlagMove) is sent without waiting; afterwards the sender's own ends.
inline bool is_move(const ipc::Message& message) { return (message.flags & abi::kFlagMove) != 0; }
/// The handle in a message that has not been taken along yet.
std::uint64_t handle_in(const ipc::Message& message);

/// If the message's flags ask for it: takes the capability that its last words name along. `right`: what the capability
/// that is sent through must carry for that. EPERM that right, Grant, or one of the rights to give is missing; EBADF;
/// EINVAL flags that make no sense; EACCES the flow policy; EDQUOT; EBUSY a revoke goes on, or a region that is to move
/// is mapped or named by others. The message is unchanged then. `receiver`: whose table it will get into, if known.
base::Result<void> take_along(const Call& call, ipc::Message& message, std::uint64_t sender_rights, abi::Right right,
                              const Silo* receiver);
/// The message of the running thread is about to be sent on another core and moves this capability, which is in the
/// table of the thread's silo.
void begin_move(Thread& thread, Capability& moved);
/// The thread's operation is complete: the moved capability ends if it has been sent, else it is as it was before. On
/// the thread's own core.
void end_move(Unlocked, Thread& thread);
/// The send has failed: what was taken along ends.
void give_back(Unlocked, ipc::Message& message);

/// The completed operation of a thread may have brought a capability: puts it into the table and says so in the words
/// of the message.
void install_delivered(Unlocked, Thread& thread);

/// The thread's operation has been completed by another core and may have brought a capability, which its own core will
/// install: a slot of its table is set aside, and what a move costs is charged now. In the kernel entry that completed
/// it, so there is room.
void promise_delivered(Thread& thread);

/// Its capability is revoked; `capability` is that of a transfer.
Departure kill_transfer(Unlocked, Capability& capability);
/// Takes one dropped transfer back. False if there was none.
bool take_back_dropped(Unlocked);

base::Result<void> back_transfers(Unlocked, std::uint32_t transfers);
std::uint32_t live_transfers();
/// Start of boot.
void forget_transfers();

}  // namespace kernel
