// SPDX-License-Identifier: Apache-2.0
//
// The lock of shared sections.
#include "kernel/shared_section.hpp"

#include "kernel/base/rank_check.hpp"
#include "kernel/base/ticket_lock.hpp"
#include "kernel/port/cpu.hpp"

namespace kernel {

namespace {

constinit base::TicketLock lock;

}  // namespace

void SharedSection::enter() {
  base::RankCheck::taken(rank);
  lock.acquire(port::spin_hint);
}

void SharedSection::leave() {
  lock.release();
  base::RankCheck::given_back(rank);
}

}  // namespace kernel
