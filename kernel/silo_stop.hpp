// SPDX-License-Identifier: Apache-2.0
//
// How a silo stops: by itself (exit), or by a fault (fault.hpp). Both end in Core::begin_stop, which makes it final in
// one bounded step and leaves the rest to the core's left-over work.
#pragma once

#include <cstdint>

#include "kernel/core.hpp"

namespace kernel {

/// The running thread ends its silo. The silo's record keeps the status.
Decision exit_silo(Thread& thread, std::uint64_t status);

}  // namespace kernel
