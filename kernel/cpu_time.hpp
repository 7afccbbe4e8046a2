// SPDX-License-Identifier: Apache-2.0
//
// Processor time since boot, by who paid: what a server does for a call is its caller's, and what the kernel does for
// an interrupt is nobody's. How long each thread itself ran, whoever paid, is in the trace: while the
// core traces it records each switch with its time.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"

namespace kernel {

class Silo;
class Thread;

base::Ticks cpu_time(const Thread& thread);
/// Of all its threads, living or dead.
base::Ticks cpu_time(const Silo& silo);
/// How often somebody would have run on when the budget of one of its threads was used up.
std::uint64_t exhaustions(const Silo& silo);

}  // namespace kernel
