// SPDX-License-Identifier: Apache-2.0
// expects: use of deleted function
// layer: ipc
//
// A handle of a channel is counted: it is cloned under the lock, never copied.
#include "ipc/typed_channel.hpp"

ipc::Sender<int> another(const ipc::Sender<int>& sender, base::Held<base::LockRank::Nothing> held);
ipc::Sender<int> another(const ipc::Sender<int>& sender, base::Held<base::LockRank::Nothing> held) {
#ifdef COMPILES
  return sender.clone(held);
#else
  static_cast<void>(held);
  return sender;
#endif
}
