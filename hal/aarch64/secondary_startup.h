/* SPDX-License-Identifier: Apache-2.0
 *
 * SecondaryStartup: what a further core reads in boot/start.S (secondary_entry) before its MMU is on. The boot core
 * fills it and cleans it to the point of coherency (C5) before it releases the first core; nobody writes it
 * afterwards. A core that finds its affinity in the list takes the list's index as its number; any other core
 * parks.
 */
#ifndef HAL_AARCH64_SECONDARY_STARTUP_H
#define HAL_AARCH64_SECONDARY_STARTUP_H

#define SECONDARY_TRANSLATION_BASE 0 /* physical address of the final map's root: TTBR0_EL2 */
#define SECONDARY_CORE_COUNT 8
#define SECONDARY_AFFINITY 16 /* KERNEL_MAXIMUM_CORES words: MPIDR_EL1 & AFFINITY_MASK */
#define SECONDARY_SIZE 80
#define AFFINITY_MASK 0xff00ffffff

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

#include "hal/aarch64/kernel_layout.hpp"

namespace hal {

struct alignas(64) SecondaryStartup {
  std::uint64_t translation_base;
  std::uint64_t core_count;
  std::uint64_t affinity[kMaximumCores];
};

static_assert(offsetof(SecondaryStartup, translation_base) == SECONDARY_TRANSLATION_BASE);
static_assert(offsetof(SecondaryStartup, core_count) == SECONDARY_CORE_COUNT);
static_assert(offsetof(SecondaryStartup, affinity) == SECONDARY_AFFINITY);
static_assert(offsetof(SecondaryStartup, affinity) + sizeof(SecondaryStartup::affinity) == SECONDARY_SIZE);

extern "C" {
extern SecondaryStartup secondary_startup;  ///< defined in boot/start.S, in .data
extern const std::byte secondary_entry[];   ///< where a released core starts (its physical address), MMU off, EL2
/// Called on the core's own kernel stack, final map on, TPIDR_EL2 = core number, vectors installed.
[[noreturn]] void secondary_main(std::uint64_t core);
}

}  // namespace hal
#endif
#endif
