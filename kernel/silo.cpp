// SPDX-License-Identifier: Apache-2.0
//
// Silo: see silo.hpp. The transitions Ready -> Running -> Exited, Faulted or Killed -> Running; a silo can also stop
// before it has run.
#include "kernel/silo.hpp"

#include "kernel/thread.hpp"

namespace kernel {

void Silo::count_message(BlockedOn operation) {
  switch (operation) {
    case BlockedOn::Send: ++messages_sent; return;
    case BlockedOn::Receive:
    case BlockedOn::Call: ++messages_received; return;
    case BlockedOn::Nothing:
    case BlockedOn::Sleep:
    case BlockedOn::Wait:
    case BlockedOn::Kernel: return;
  }
}

bool Silo::start() {
  if (state_ != abi::SiloState::Ready) return false;
  state_ = abi::SiloState::Running;
  return true;
}

void Silo::begin_again() {
  if (!has_stopped()) __builtin_trap();
  state_ = abi::SiloState::Running;
  pledges_ = kAllPledges;
  live_threads_ = thread_count_;
}

bool Silo::exit(std::uint64_t status) {
  if (has_stopped()) return false;
  state_ = abi::SiloState::Exited;
  exit_status_ = status;
  return true;
}

bool Silo::fault(const port::FaultReport& report, std::string_view thread) {
  if (has_stopped()) return false;
  state_ = abi::SiloState::Faulted;
  fault_ = FaultRecord{report, base::FixedName(thread)};
  return true;
}

bool Silo::kill(base::SiloId by) {
  if (has_stopped()) return false;
  state_ = abi::SiloState::Killed;
  killed_by_ = by;
  return true;
}

const Region* Silo::region_at(base::SiloAddress address) const {
  for (const Region& region : regions()) {
    if (region.range.contains(address)) return &region;
  }
  return nullptr;
}

base::Result<void> Silo::add_region(const Region& region) {
  if (region_count_ == kRegionsPerSilo) return base::Error::ENOSPC;
  for (const Region& other : regions()) {
    if (other.range.overlaps(region.range)) return base::Error::EEXIST;
  }
  regions_[region_count_++] = region;
  return {};
}

base::Result<void> Silo::add_thread(Thread& thread) {
  if (thread_count_ == kThreadsPerSilo) return base::Error::ENOSPC;
  threads_[thread_count_++] = &thread;
  ++live_threads_;
  return {};
}

}  // namespace kernel
