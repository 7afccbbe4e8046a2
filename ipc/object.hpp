// SPDX-License-Identifier: Apache-2.0
//
// Object: what a capability can name. Owns the type and the count of capabilities; the count is changed in one place
// only, the capability tables (kernel/capability_table.cpp), so it is the number of capabilities that exist. An object
// whose last capability goes is destroyed by the kernel (kernel/objects.cpp).
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/fixed_name.hpp"

namespace ipc {

struct Object {
  explicit constexpr Object(abi::ObjectType object_type) : type(object_type) {}
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  abi::ObjectType type;
  std::uint32_t references = 0;  ///< INVARIANT: number of capabilities that name this object
  base::FixedName name;          ///< from the manifest; empty if a silo made it
};

}  // namespace ipc
