// SPDX-License-Identifier: Apache-2.0
//
// AuditRing: the unread records of the audit, the oldest first; a new one is dropped when there is no room. Owns the
// memory it was given and, for each silo, how many of the records are that silo's and which was its last one.
//
// No silo can flood another one's records away: each has an equal share of the ring. A denial like the one before (same
// silo, call and error, nothing of another kind between, not read yet) is counted in that record. What finds no
// room uses up a sequence number, and the silo's last unread record counts it; so a denial is a record, a repeat, or a
// gap with a name, never nothing.
//
// INVARIANT: written_ - read_ is the number of unread records, at most the capacity; those of a silo, at most share_.
// INVARIANT: a sequence number is given once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/limits.hpp"

namespace kernel {

struct AuditEvent {
  abi::AuditCategory category;
  abi::ObjectType object = abi::ObjectType::None;
  std::uint64_t what = 0;
  std::uint64_t detail = 0;
  std::uint64_t handle = 0;
  std::uint64_t more = 0;
};

class AuditRing {
 public:
  struct Statistics {
    std::uint64_t recorded, dropped, unread, repeats;
  };

  constexpr AuditRing() = default;
  AuditRing(const AuditRing&) = delete;
  AuditRing& operator=(const AuditRing&) = delete;

  /// Where the records lie, none of which is used. At most kSilosMaximum silos share them until set_shares() is called.
  void begin(std::span<abi::AuditRecord> memory);
  /// How many silos there are, at least one: each gets an equal share.
  void set_shares(std::uint32_t silos) { share_ = static_cast<std::uint32_t>(memory_.size()) / silos; }
  bool has_memory() const { return !memory_.empty(); }

  /// True if there is a record more than before.
  bool record(base::SiloId silo, const AuditEvent& event, base::Ticks now);
  /// The oldest record, which is gone then.
  std::optional<abi::AuditRecord> take();
  bool is_empty() const { return read_ == written_; }
  Statistics statistics() const { return {written_, dropped_, written_ - read_, repeats_}; }
  std::uint32_t share() const { return share_; }

  /// Of each silo's share, what denials cannot use.
  static constexpr std::uint32_t kKeptForLifecycle = 4;
  static constexpr std::uint32_t kShareMinimum = 2 * kKeptForLifecycle;
  static_assert(abi::kAuditCapacity / kSilosMaximum >= kShareMinimum, "the largest system has a share for each silo");

 private:
  struct OfSilo {
    std::uint64_t last = 0;  ///< its last record, by its place in the order of all; meaningful while unread != 0
    std::uint32_t unread = 0;
  };
  abi::AuditRecord& at(std::uint64_t place) { return memory_[place % memory_.size()]; }

  std::span<abi::AuditRecord> memory_;
  std::uint32_t share_ = 0;
  std::uint64_t written_ = 0, read_ = 0, sequence_ = 0, dropped_ = 0, repeats_ = 0;
  OfSilo silos_[kSilosMaximum] = {};
};

}  // namespace kernel
