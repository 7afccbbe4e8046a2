/* SPDX-License-Identifier: Apache-2.0
 *
 * EL0 as a subroutine of a test: where the test's own registers wait meanwhile. Shared with run_silo.S.
 */
#ifndef TEST_TARGET_RUN_SILO_H
#define TEST_TARGET_RUN_SILO_H

#define SAVED_TEST_REGISTERS 0 /* x19..x30 */
#define SAVED_TEST_STACK_POINTER 96
#define SAVED_TEST_SIZE 112

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

#include "kernel/port/thread_context.h"

namespace target {

struct SavedTest {
  std::uint64_t registers[12];
  std::uint64_t stack_pointer;
  std::uint64_t padding;
};
static_assert(offsetof(SavedTest, stack_pointer) == SAVED_TEST_STACK_POINTER && sizeof(SavedTest) == SAVED_TEST_SIZE);

}  // namespace target

extern "C" {
/// Returns when return_to_test is called.
void enter_silo(port::ThreadContext* context, target::SavedTest* saved);
[[noreturn]] void return_to_test(const target::SavedTest* saved);
}
#endif
#endif
