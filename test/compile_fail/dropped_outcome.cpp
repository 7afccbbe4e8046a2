// SPDX-License-Identifier: Apache-2.0
// expects: ignoring returned value of type
// layer: ipc
//
// An operation that may have blocked the thread cannot be called without looking at which of the two it was.
#include "ipc/port.hpp"

bool blocks(base::Held<base::LockRank::Nothing> held, ipc::Port& port, ipc::Party& receiver, ipc::WakeList& wakes);
bool blocks(base::Held<base::LockRank::Nothing> held, ipc::Port& port, ipc::Party& receiver, ipc::WakeList& wakes) {
#ifdef COMPILES
  return port.receive(held, receiver, ipc::Blocking::MayBlock, wakes) == ipc::Outcome::Blocked;
#else
  port.receive(held, receiver, ipc::Blocking::MayBlock, wakes);
  return false;
#endif
}
