// SPDX-License-Identifier: Apache-2.0
//
// Object: what a capability can name. Owns the type, the counts of capabilities, and the beginning of the list of all
// capabilities that name it; these are changed in one place only, the capability tables (kernel/capability_table.cpp),
// so they say what exists. An object whose last capability goes is destroyed by the kernel (kernel/objects.cpp).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "ipc/abi/abi.hpp"
#include "kernel/base/fixed_name.hpp"
#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/ticket_lock.hpp"

namespace ipc {

/// A capability's place among all that name the same object: its two brackets in the list of all
/// (kernel/derivation.hpp).
using BracketReference = std::uint32_t;  ///< 0 is none
struct Bracket {
  BracketReference previous = 0;
  BracketReference next = 0;
};
struct DerivationLinks {
  Bracket opening, closing;
};

/// A set of silos, by SiloId.
struct SiloSet {
  static constexpr unsigned kWords = (abi::kSilosMaximum + 63) / 64;
  std::uint64_t word[kWords] = {};

  constexpr void add(unsigned silo) { word[silo / 64] |= std::uint64_t{1} << (silo % 64); }
  constexpr bool has(unsigned silo) const { return ((word[silo / 64] >> (silo % 64)) & 1) != 0; }
  static constexpr SiloSet all() {
    SiloSet set;
    for (std::uint64_t& bits : set.word) bits = ~std::uint64_t{0};
    return set;
  }
  /// Whether every member of this, `silo` itself apart, is a member of `other`.
  constexpr bool is_within(const SiloSet& other, unsigned silo) const {
    for (unsigned i = 0; i < kWords; ++i) {
      const std::uint64_t own = i == silo / 64 ? std::uint64_t{1} << (silo % 64) : 0;
      if ((word[i] & ~other.word[i] & ~own) != 0) return false;
    }
    return true;
  }
};

/// Core numbers that are none.
inline constexpr std::uint8_t kNoCore = 0xff;
inline constexpr std::uint8_t kSeveralCores = 0xfe;

struct Object {
  explicit constexpr Object(abi::ObjectType object_type) : type(object_type) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  /// Of a port: the context of the one thread that waits for a message and may be called past the port's state machine
  /// (kernel/direct_call.hpp); null otherwise, and in every other object. First, so that the fast path knows where.
  void* direct_receiver = nullptr;
  void* floating_receiver = nullptr;  ///< the same, if it uses floating point
  abi::ObjectType type;
  /// The core that alone may look into it: of a port its owner's, where it is received; of a silo its own; kNoCore if
  /// there is none, and a shared section is enough.
  std::uint8_t home = kNoCore;
  /// The one core whose silos name it, kNoCore before there is one, kSeveralCores from the moment at which it may get
  /// to a second one. While it is one core, that core needs no lock for it.
  std::uint8_t sole_core = kNoCore;
  /// The manifest gives it to a silo, which may begin anew: it keeps its memory when nothing names it.
  bool is_kept = false;
  bool is_revoking = false;      ///< a revoke goes through its capabilities; none can be derived meanwhile
  std::uint32_t references = 0;  ///< INVARIANT: number of capabilities that name this object
  /// Number of those that carry the right without which the object is of no use to the others that name it: receive of
  /// a port, signal of a notification, post of a semaphore, send of an AsyncChan.
  std::uint32_t givers = 0;
  /// The same of the right without which those that give are of no use: receive of an AsyncChan.
  std::uint32_t takers = 0;
  BracketReference first_capability = 0;
  SiloSet ever_sent;      ///< silos that have ever held a capability by which something can get to others through it
  SiloSet ever_received;  ///< silos that have ever held one by which something can get to them
  base::FixedName name;   ///< from the manifest; empty if a silo made it
  base::TicketLock lock;  ///< of rank Object, for calls on it beside those of other cores (kernel/object_section.hpp)
  base::ListNode<Object> ending_node;  ///< while its end is being worked on (kernel/objects.cpp)
  /// A hash of the messages that travel through it, 0 if nobody has said (kernel/contracts.hpp). Last, so that nothing
  /// that a message passes by is further away.
  std::atomic<std::uint64_t> contract{0};
};
static_assert(std::is_standard_layout_v<Object> && offsetof(Object, direct_receiver) == 0 &&
              offsetof(Object, floating_receiver) == sizeof(void*));

}  // namespace ipc
