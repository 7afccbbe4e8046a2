// SPDX-License-Identifier: Apache-2.0
//
// From the vectors to the kernel: what an exit from EL0 was. Called by vectors.S only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/port/thread_context.h"

namespace hal {

/// Numbers of the vectors that a running silo can lead to (vectors.S).
inline constexpr std::uint64_t kVectorSiloSynchronous = 8;
inline constexpr std::uint64_t kVectorSiloInterrupt = 9;

}  // namespace hal

extern "C" {
/// On the core's kernel stack, interrupts masked. `running` holds everything that EL0 had. Returns the context to
/// resume.
port::ThreadContext* granary_exit_from_silo(port::ThreadContext* running, std::uint64_t vector);
/// The same by way of the traced table.
port::ThreadContext* granary_exit_from_silo_traced(port::ThreadContext* running, std::uint64_t vector);
/// vectors.S: what VBAR_EL2 can be while the kernel lives.
extern const std::byte exception_vectors[];
extern const std::byte traced_exception_vectors[];
/// vectors.S: resumes a context.
[[noreturn]] void enter_context(port::ThreadContext* context);
}
