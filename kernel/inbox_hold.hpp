// SPDX-License-Identifier: Apache-2.0
//
// The hold of an inbox's lock: its core and whoever leaves something there take turns, beside others (inbox.cpp).
#pragma once

#include "kernel/base/rank_check.hpp"
#include "kernel/base/ticket_lock.hpp"
#include "kernel/port/cpu.hpp"

namespace kernel {

class InboxHold {
 public:
  explicit InboxHold(base::TicketLock& lock) : lock_(lock) { lock_.acquire(port::spin_hint); }
  ~InboxHold() { lock_.release(); }
  InboxHold(const InboxHold&) = delete;
  InboxHold& operator=(const InboxHold&) = delete;

 private:
  [[maybe_unused]] const base::RankCheck check_{base::LockRank::Inbox};
  base::TicketLock& lock_;
};

}  // namespace kernel
