// SPDX-License-Identifier: Apache-2.0
//
// Memory for the kernel under test. See fake_arena.hpp.
#include "test/fakes/host_prelude.hpp"

#include "test/fakes/fake_arena.hpp"

#include <cstdlib>
#include <cstring>

#include "kernel/system.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_memory.hpp"

namespace fakes {
namespace {

/// Page-aligned, kept for ever; listed, so that a leak checker knows that this is on purpose.
std::byte* make_memory(std::uint64_t bytes) {
  static auto& kept = *new std::vector<void*>;
  void* const memory = std::aligned_alloc(base::kPageSize, bytes);
  kept.push_back(memory);
  std::memset(memory, 0xee, bytes);
  return static_cast<std::byte*>(memory);
}

}  // namespace

Arena::Arena(std::uint64_t pages) : pages_(pages), bytes_(make_memory(pages * base::kPageSize)) {
  EXPECT_TRUE(kernel::initialize_kernel_memory(unlocked(), kPhysical, bytes_, pages * base::kPageSize).ok());
}

void initialize_kernel(std::uint64_t arena_pages, std::uint64_t cores) {
  reset();
  const std::uint64_t bytes = arena_pages * base::kPageSize;
  const kernel::MemoryRange ram[] = {{kMemoryStart, kMemoryBytes}};
  const kernel::MemoryDescription description{.arena_physical = Arena::kPhysical,
                                              .arena = make_memory(bytes),
                                              .arena_bytes = bytes,
                                              .silo_memory = ram,
                                              .cores = cores};
  EXPECT_TRUE(kernel::initialize(description).ok());
}

}  // namespace fakes
