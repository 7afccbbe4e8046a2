// SPDX-License-Identifier: Apache-2.0
//
// The oracle of the stress tests. A message carries who sent it and the how-manieth it is; every other word is made out
// of these two, so one word of another message shows. Each receiver keeps its own Inbox, without any atomics that could
// hide a race from ThreadSanitizer; when all threads have ended, judge() lays the inboxes together: lost, doubled,
// torn, out of order, or received although the sender was refused.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <bit>
#include <cstdlib>
#include <ostream>

#include "ipc/message.hpp"

namespace fakes {

/// How many messages a test sends: what `make test-tsan` says, or `usual` in the ordinary test program.
inline std::uint64_t stress_messages(std::uint64_t usual) {
  const char* const wanted = std::getenv("GRANARY_STRESS_MESSAGES");
  return wanted == nullptr ? usual : std::strtoull(wanted, nullptr, 10);
}

inline std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

inline std::uint64_t stress_identity(std::uint64_t sender, std::uint64_t sequence) { return sender << 48 | sequence; }

/// Eight words: six derived ones, then their sum, then the identity again.
inline ipc::Message stress_message(std::uint64_t sender, std::uint64_t sequence) {
  const std::uint64_t identity = stress_identity(sender, sequence);
  ipc::Message message = {.opcode = identity, .flags = abi::kFlagEightWords, .word = {}};
  for (unsigned i = 0; i < 6; ++i) {
    message.word[i] = mixed(identity * 8 + i);
    message.word[6] += message.word[i];
  }
  message.word[7] = identity;
  return message;
}

inline bool same_message(const ipc::Message& left, const ipc::Message& right) {
  bool same = left.opcode == right.opcode && left.flags == right.flags;
  for (unsigned i = 0; i < abi::kMessageWords; ++i) same = same && left.word[i] == right.word[i];
  return same;
}

struct Verdict {
  std::uint64_t lost = 0, doubled = 0, torn = 0, disordered = 0, refused_but_received = 0, received = 0;
  bool is_good() const { return lost + doubled + torn + disordered + refused_but_received == 0; }
};

/// What one receiver got.
class Inbox {
 public:
  Inbox(std::size_t senders, std::uint64_t each)
      : each_(each), seen_(senders, Bits(each / 64 + 1)), last_(senders, 0) {}

  /// `identity` is said apart where something beside the message travels along (a badge).
  void take(const ipc::Message& message) {
    const std::uint64_t sender = message.opcode >> 48;
    const std::uint64_t sequence = message.opcode & 0xffffffffffff;
    if (sender >= seen_.size() || sequence >= each_ || !same_message(message, stress_message(sender, sequence))) {
      ++torn;
      return;
    }
    std::uint64_t& word = seen_[sender][sequence / 64];
    const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
    doubled += (word & bit) != 0 ? 1 : 0;
    word |= bit;
    disordered += sequence + 1 > last_[sender] ? 0 : 1;
    last_[sender] = sequence + 1;
    ++taken;
  }

  std::uint64_t taken = 0, torn = 0, doubled = 0, disordered = 0;

 private:
  friend Verdict judge(const std::vector<Inbox>& inboxes, const std::vector<std::uint64_t>& accepted);
  using Bits = std::vector<std::uint64_t>;
  std::uint64_t each_;
  std::vector<Bits> seen_;
  std::vector<std::uint64_t> last_;
};

inline std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  return out << verdict.received << " received, " << verdict.lost << " lost, " << verdict.doubled << " doubled, "
             << verdict.torn << " torn, " << verdict.disordered << " out of order, " << verdict.refused_but_received
             << " refused but received";
}

/// Sender s was told "accepted" for its messages 0 to accepted[s] - 1 and for no other.
inline Verdict judge(const std::vector<Inbox>& inboxes, const std::vector<std::uint64_t>& accepted) {
  Verdict verdict;
  for (const Inbox& inbox : inboxes) {
    verdict.torn += inbox.torn;
    verdict.doubled += inbox.doubled;
    verdict.disordered += inbox.disordered;
    verdict.received += inbox.taken;
  }
  for (std::size_t sender = 0; sender < accepted.size(); ++sender) {
    for (std::uint64_t first = 0; first < inboxes.front().each_; first += 64) {
      std::uint64_t any = 0;
      int times = 0;
      for (const Inbox& inbox : inboxes) {
        const std::uint64_t seen = inbox.seen_[sender][first / 64];
        any |= seen;
        times += std::popcount(seen);
      }
      const std::uint64_t here = accepted[sender] <= first ? 0 : accepted[sender] - first;
      const std::uint64_t expected = here >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1;
      verdict.lost += static_cast<std::uint64_t>(std::popcount(expected & ~any));
      verdict.refused_but_received += static_cast<std::uint64_t>(std::popcount(any & ~expected));
      verdict.doubled += static_cast<std::uint64_t>(times - std::popcount(any));
    }
  }
  return verdict;
}

}  // namespace fakes
