// SPDX-License-Identifier: Apache-2.0
// expects: a freed object keeps its memory and its type
// layer: kernel
//
// Objects of a pool stay what they are after they are freed, so nothing with a destructor is kept in one.
#include "kernel/object_pool.hpp"

struct Plain {
  int value = 0;
};
struct Fancy {
  ~Fancy() { value = 0; }
  int value = 0;
};

#ifdef COMPILES
using Kept = Plain;
#else
using Kept = Fancy;
#endif
std::uint32_t live(kernel::ObjectPool<Kept>& pool);
std::uint32_t live(kernel::ObjectPool<Kept>& pool) { return pool.live(); }
