// SPDX-License-Identifier: Apache-2.0
//
// How a silo stops: by itself (exit), by a fault (fault.hpp), or by an operator. All end in Core::begin_stop, which
// makes it final in one bounded step and leaves the rest to the core's left-over work.
#pragma once

#include <cstdint>

#include "kernel/core.hpp"

namespace kernel {

/// The running thread ends its silo. The silo's record keeps the status.
Decision exit_silo(Thread& thread, std::uint64_t status);
/// The running thread stops another silo, or its own. ENOENT: it has stopped already.
base::Result<Decision> kill_silo(Thread& thread, Silo& victim);

}  // namespace kernel
