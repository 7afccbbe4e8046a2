// SPDX-License-Identifier: Apache-2.0
//
// Contracts: what a port, SyncChan or AsyncChan is used for, as a hash of all of its messages (the tool makes it from
// the manifest; docs/contracts.md). An object carries one, and whoever begins to use it may say which one its program
// was built with: at load, when it connects to a name, or by HANDLE_CONTRACT. Two that differ are EPROTOTYPE, before a
// message has travelled; no message is ever looked at. 0 is none, and fits everything.
// INVARIANT: an object's contract never changes once it is not 0.
#pragma once

#include <cstdint>

#include "ipc/object.hpp"
#include "kernel/base/result.hpp"
#include "kernel/capability.hpp"

namespace kernel {

constexpr bool contracts_fit(std::uint64_t one, std::uint64_t other) { return one == 0 || other == 0 || one == other; }

/// What each of a silo's images was built with, for one of its capabilities.
struct SpokenContracts {
  std::uint64_t of_image[abi::kImagesPerSiloMaximum] = {};
};

/// Whether objects of the type carry messages.
constexpr bool has_messages(abi::ObjectType type) {
  return type == abi::ObjectType::Port || type == abi::ObjectType::Channel || type == abi::ObjectType::AsyncChannel;
}

/// At boot, of what the manifest makes. EINVAL the type has no messages.
base::Result<void> set_contract(ipc::Object& object, std::uint64_t contract);
/// EPROTOTYPE if the object has another. EINVAL a contract of what has no messages.
base::Result<void> check_contract(const ipc::Object& object, std::uint64_t spoken);
/// The same, for a silo that has begun to use the capability: an object without a contract gets it from a receiver.
base::Result<void> speak_contract(const Capability& capability, std::uint64_t spoken);

}  // namespace kernel
