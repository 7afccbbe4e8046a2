// SPDX-License-Identifier: Apache-2.0
//
// Capability: one entry of a silo's table, 64 bytes, and which right bits belong to which type of object.
// It holds the handle's full 64 bits, so that one comparison refuses every forged, stale, foreign or aliased handle.
//
// INVARIANT: a free entry names the null object, carries no rights, and holds a handle that no handle leading to it
// equals. INVARIANT: a table is changed by the core of its silo only, which also takes the fast path through it.
// INVARIANT: a live entry is counted once in its object's references (capability_table.cpp, nowhere else).
#pragma once

#include <cstddef>
#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "ipc/object.hpp"

namespace kernel {

struct alignas(64) Capability {
  std::uint64_t handle = 0;  ///< what the silo must say to mean this entry
  /// What the fast path looks at: the object, if it is a port of the holder's core and no link has a deadline, else the
  /// null object.
  ipc::Object* direct = nullptr;
  std::uint64_t rights = 0;      ///< abi::Right bits
  std::uint64_t badge = 0;       ///< what receivers see of whoever sends through it
  std::uint32_t generation = 0;  ///< of the slot: in the handle while live, in the next one while free
  std::uint8_t end = 0;          ///< channels: 0 or 1
  std::uint8_t link = 0;         ///< of the manifest, if that has a deadline (kernel/link.hpp); else 0
  std::uint16_t holder = 0;      ///< whose table the entry is in, by SiloId; kHolderKernel outside of tables
  ipc::DerivationLinks derivation;
  ipc::Object* object = nullptr;
};
/// Of capabilities that are in no table; what they are instead, their handle says.
inline constexpr std::uint16_t kHolderKernel = 0xffff;
inline constexpr std::uint64_t kHandleInFlight = 1;   ///< on its way in a message (kernel/transfer.cpp)
inline constexpr std::uint64_t kHandlePublished = 2;  ///< under a name (kernel/published_names.cpp)
inline constexpr std::uint64_t kHandleOfTimer = 3;    ///< a timer's right to signal (kernel/event_objects.hpp)
inline constexpr std::uint64_t kHandleOfBinding = 4;  ///< a binding's
inline constexpr std::uint64_t kHandleOfLine = 5;     ///< an interrupt line's (kernel/interrupt_objects.hpp)
inline constexpr std::uint64_t kHandleOfManifest =
    6;  ///< for a silo that comes back (kernel/manifest_capabilities.hpp)
static_assert(sizeof(Capability) == 64, "a cache line, and handles are offsets into the table");
static_assert(std::size_t{1} << abi::kHandleIndexShift == sizeof(Capability));

/// The right bits that a capability to an object of `type` can carry; 0 for None.
constexpr std::uint64_t rights_of_type(abi::ObjectType type) {
  if (type == abi::ObjectType::None) return 0;
  using enum abi::ObjectType;
  const abi::ObjectType Any = type;
  std::uint64_t rights = 0;
#define RIGHT(name, bit, type_name, text) \
  if (type_name == type) rights |= static_cast<std::uint64_t>(abi::Right::name);
#include "ipc/abi/rights.def"
#undef RIGHT
  return rights;
}
static_assert(rights_of_type(abi::ObjectType::Channel) ==
              (static_cast<std::uint64_t>(abi::Right::Duplicate) | static_cast<std::uint64_t>(abi::Right::Grant) |
               static_cast<std::uint64_t>(abi::Right::Revoke) | static_cast<std::uint64_t>(abi::Right::ChannelSend) |
               static_cast<std::uint64_t>(abi::Right::ChannelReceive) |
               static_cast<std::uint64_t>(abi::Right::ChannelTransfer)));

/// The right without which an object is of no use to the others that name it (ipc::Object::givers); None if there is
/// none.
constexpr abi::Right giving_right(abi::ObjectType type) {
  switch (type) {
    case abi::ObjectType::Port: return abi::Right::PortReceive;
    case abi::ObjectType::AsyncChannel: return abi::Right::AsyncSend;
    case abi::ObjectType::Notification: return abi::Right::NotificationSignal;
    case abi::ObjectType::Semaphore: return abi::Right::SemaphorePost;
    case abi::ObjectType::None:
    case abi::ObjectType::Channel:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Region:
    case abi::ObjectType::Interrupt:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: break;
  }
  return abi::Right::None;
}

/// The right without which those that carry the giving right are of no use (ipc::Object::takers); None if there is
/// none.
constexpr abi::Right taking_right(abi::ObjectType type) {
  return type == abi::ObjectType::AsyncChannel ? abi::Right::AsyncReceive : abi::Right::None;
}

constexpr bool has_right(std::uint64_t rights, abi::Right right) {
  return (rights & static_cast<std::uint64_t>(right)) != 0;
}

}  // namespace kernel
