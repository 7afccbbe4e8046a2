// SPDX-License-Identifier: Apache-2.0
//
// An ELF core file of one silo, as gdb reads those of Linux: a note for each thread, the one that faulted first, and a
// segment for each region. Regions that a silo could not write have no contents: gdb takes them from the program's
// file.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/granary/core_reader.hpp"

namespace tool {

std::vector<std::uint8_t> make_core_file(const CoreDump& dump);
/// What the silo has died of, as a signal's number.
int signal_of(std::uint64_t fault);

}  // namespace tool
