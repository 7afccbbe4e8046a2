// SPDX-License-Identifier: Apache-2.0
// expects: cannot convert
// layer: ipc
// catches: D7
//
// Who holds a lock does not wait: the blocking forms want the proof that nothing is held.
#include "ipc/typed_channel.hpp"

struct Thread {
  ipc::WaitEnd wait();
  void wait_for_wake();
  void wake();
};
base::Result<void> send(ipc::Sender<int, Thread>& sender, base::Held<base::LockRank::Channel> held, Thread& thread);
base::Result<void> send(ipc::Sender<int, Thread>& sender, base::Held<base::LockRank::Channel> held, Thread& thread) {
  int message = 1;
#ifdef COMPILES
  static_cast<void>(thread);
  return sender.try_send(held, message);
#else
  return sender.send(held, message, thread);
#endif
}
