// SPDX-License-Identifier: Apache-2.0
//
// The verdict: one line that says how the system did (`granary: verdict: status N (passed|failed)`), and the end of the
// machine if it was booted with `once`. Programs that run Granary read that line; its form is part of the interface
// (docs/abi.md).
#pragma once

#include <cstdint>

namespace kernel {

inline constexpr std::uint64_t kVerdictMaximum = 255;  ///< an exit status

/// Prints the verdict, 0 is passed. With `once`: everything printed so far goes out, and the machine ends; does not
/// return.
void give_verdict(std::uint64_t status);

}  // namespace kernel
