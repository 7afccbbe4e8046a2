// SPDX-License-Identifier: Apache-2.0
//
// What the silos of the soak agree on: eight workers do random operations of every kind on one another, a referee
// compares at the end what all of them counted with what the kernel counted.
//   - Every message says who sent it, of which kind and as which one in his sequence; all other words follow from that,
//     so a receiver knows each word it must find. Sequences count what the kernel took; a receiver finds the next one.
//   - Every wait has a deadline. A worker that goes no further is seen by the referee, which waits no longer than
//     kPatience for the next sign of progress.
//   - Counts lie in the board, a region that all write and the referee reads: each word has one writer.
#pragma once

#include <inttypes.h>
#include <stdio.h>

#include <atomic>

#include "granary/granary.hpp"

namespace soak {

using namespace granary;
using namespace std::chrono_literals;

inline constexpr unsigned kWorkers = 8;
inline constexpr std::uint64_t kSeed = 0x5eed'0000'0000'0001;
inline constexpr auto kPatience = 120s;  ///< virtual time, for one hundredth of the whole or one barrier
inline constexpr std::size_t kStreamMessages = 64;
inline constexpr std::uint64_t kSemaphoreInitial = 4;  ///< of the manifest's

/// Opcodes of messages between workers.
enum Kind : std::uint64_t {
  kSent = 1,   ///< to a port; in one sequence with the gifts
  kGift,       ///< to a port, with a capability to post to a semaphore, which the sender revokes some time
  kMovedGift,  ///< to a port, with the only capability to an AsyncChan that has a message in it
  kCalled,     ///< a call
  kAccepting,  ///< a call whose reply may bring a capability
  kLoan,       ///< a call with a capability to use once
  kChannel,
  kAsync,
  kStream,
  kAnswer,
};
/// Opcodes of calls to the referee, and of progress, which is sent.
enum Control : std::uint64_t {
  kStart = 1,  ///< reply: word 0 is how many operations each worker does
  kProgress,   ///< another hundredth of those is done
  kBarrier,    ///< word 0: which; the reply comes when all workers are there
};
enum Barrier : std::uint64_t { kAllDone = 1, kAllAsked, kAllClosed, kAllChecked };

/// What one worker has counted. Arrays: by the other worker.
struct Report {
  std::uint64_t operations[3];  ///< of each thread
  // Doer.
  std::uint64_t port_sent[kWorkers], calls_made[kWorkers], calls_answered[kWorkers];
  std::uint64_t async_sent[kWorkers], async_refused[kWorkers];
  std::uint64_t semaphore_posts[kWorkers], semaphore_waits[kWorkers];
  std::uint64_t channel_sent, stream_sent;
  std::uint64_t timers_set, timers_fired, timers_cancelled;
  std::uint64_t loans, loans_used, gifts, gift_posts_taken, moved, revokes, revoked, timeouts, refusals;
  // Server and taker, and what main() found queued at the end.
  std::uint64_t port_received[kWorkers], calls_received[kWorkers], async_received[kWorkers];
  std::uint64_t bits_taken[kWorkers], signals_seen[kWorkers];
  std::uint64_t replies_given, replies_lost, replies_unknown, gift_posts, moved_taken, capabilities_returned;
  std::uint64_t channel_received, stream_received;
  std::uint64_t port_drained, async_drained, channel_drained, stream_drained, semaphore_drained;
  // The kernel's, of what this worker receives from; taken between the end of the operations and the draining.
  PortStatistics port;
  AsyncStatistics async;
  std::uint64_t channel_in_received, channel_in_queued, channel_out_sent;
  std::uint64_t failures;
  std::uint64_t quotas_returned;  ///< 1: everything could be made anew at the end
};

struct Board {
  Report report[kWorkers];
  /// [target][sender]: how often the sender has signalled the target's bell, counted before the signal.
  std::atomic<std::uint64_t> signals[kWorkers][kWorkers];
};
inline constexpr std::size_t kBoardBytes = 32 * 1024;
static_assert(sizeof(Board) <= kBoardBytes);

/// xorshift64*: the same sequence in every run.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 + 1) {}
  std::uint64_t operator()() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545'f491'4f6c'dd1d;
  }
  unsigned below(unsigned limit) { return static_cast<unsigned>(((*this)() >> 32) % limit); }
  bool one_in(unsigned count) { return below(count) == 0; }
  /// Now, or 20 microseconds to 40 milliseconds from now.
  Deadline deadline() {
    if (one_in(4)) return do_not_block;
    return Deadline(std::chrono::microseconds(20 << below(12)));
  }

 private:
  std::uint64_t state_;
};

constexpr std::uint64_t mixed(std::uint64_t kind, std::uint64_t sender, std::uint64_t target, std::uint64_t sequence,
                              unsigned word) {
  std::uint64_t value = (kind << 56 | sender << 48 | target << 40 | std::uint64_t{word} << 36) ^ sequence;
  value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
  value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
  return value ^ value >> 31;
}

/// Every second message has eight words, and each with a capability has: that one is named in the last two.
constexpr bool has_eight_words(std::uint64_t kind, std::uint64_t sequence) {
  return kind == kGift || kind == kMovedGift || kind == kLoan || sequence % 2 == 0;
}
constexpr bool brings_capability(std::uint64_t kind) { return kind == kGift || kind == kMovedGift || kind == kLoan; }

/// Any of the structures that hold a message: granary_message, granary_message_entry.
template <typename M>
void fill(M& message, std::uint64_t kind, std::uint64_t sender, std::uint64_t target, std::uint64_t sequence) {
  message.opcode = kind;
  message.flags = has_eight_words(kind, sequence) ? GRANARY_FLAG_EIGHT_WORDS : 0;
  message.word[0] = sender;
  message.word[1] = sequence;
  for (unsigned i = 2; i < abi::kMessageWords; ++i) message.word[i] = mixed(kind, sender, target, sequence, i);
}
/// Whether every word is what fill() has put there (but what names a capability).
template <typename M>
bool is_whole(const M& message, std::uint64_t kind, std::uint64_t sender, std::uint64_t target) {
  const std::uint64_t sequence = message.word[1];
  if (message.opcode != kind || message.word[0] != sender) return false;
  for (unsigned i = 2; i < abi::kMessageWords; ++i) {
    if (brings_capability(kind) && i >= 6) break;
    const bool is_there = i < 4 || has_eight_words(kind, sequence);
    if (message.word[i] != (is_there ? mixed(kind, sender, target, sequence, i) : 0)) return false;
  }
  return true;
}

}  // namespace soak
