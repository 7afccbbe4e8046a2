// SPDX-License-Identifier: Apache-2.0
//
// What the warden and its two parties share: orders, and what became of them. The board is a region that outlives all
// of them, so a party that has been restarted finds in it what its former life was doing.
#pragma once

#include <atomic>
#include <cstdint>

#include "granary/granary.hpp"

namespace sweep {

using namespace granary;

/// What the parties do together; a script each in client.cpp and server.cpp.
enum class Operation : std::uint64_t {
  Quotas = 0,  ///< each makes all that its quota permits, and gives it back; nobody is killed
  Call,
  CallQueued,    ///< made before its server receives
  CallsInTurn,   ///< reply_and_receive, the fast path's pair
  CallCarrying,  ///< with a capability, and eight words
  Send,
  SendBlocked,  ///< the port's queue is full
  Channel,
  ChannelBlocked,
  Batch,
  Notification,
  Semaphore,
  Async,
  RegionMoved,
  RegionRevoked,
  CallRevoked,
  kCount
};
inline constexpr const char* kNames[] = {"quotas",          "call",         "call_queued",    "calls_in_turn",
                                         "call_carrying",   "send",         "send_blocked",   "channel",
                                         "channel_blocked", "batch",        "notification",   "semaphore",
                                         "async",           "region_moved", "region_revoked", "call_revoked"};
static_assert(sizeof kNames / sizeof *kNames == static_cast<std::size_t>(Operation::kCount));

enum class Party : unsigned { Server = 0, Client = 1 };

enum class State : std::uint64_t {
  None = 0,  ///< it has never run
  Idle,      ///< waits for an order
  Ready,     ///< and for the common instant
  Busy
};
/// What those who stay alive may be told of one who does not.
enum class Death : std::uint64_t { Nobody = 0, Final, Restart, Either };

inline constexpr unsigned kStepsMaximum = 64;

/// Of one party.
struct Part {
  std::atomic<State> state;
  std::atomic<std::uint64_t> lives;     ///< times that it has begun
  std::atomic<std::uint64_t> steps;     ///< system calls of its script that have come back
  std::atomic<std::uint64_t> finished;  ///< ticks
  std::atomic<std::int64_t> bad;        ///< the first status that may not be; 0: none
  std::atomic<std::uint64_t> bad_step;
  std::atomic<std::uint64_t> taken;     ///< calls and sends that it has received
  std::atomic<std::uint64_t> answered;  ///< replies that have found their caller
  std::atomic<std::uint64_t> fault_at;  ///< ticks: when its fuse, once lit, faults
};
struct Board {
  std::atomic<Operation> operation;
  std::atomic<Death> death;
  std::atomic<std::uint64_t> start;  ///< ticks: the common instant
  Part part[2];
};
static_assert(sizeof(Board) <= 4096);

/// What a script calls wrong content; no status of the kernel's.
inline constexpr std::int64_t kWrongContent = -9999;
/// The opcode by which the warden ends a server's wait for clients that are dead.
inline constexpr std::uint64_t kNoMore = 77;

}  // namespace sweep
