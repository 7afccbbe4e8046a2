// SPDX-License-Identifier: Apache-2.0
//
// What the console says when nothing can run any more: that every silo has ended, or which threads wait for ever and for what. Owns nothing.
#pragma once

namespace kernel {

/// No thread is ready, no deadline is armed, nothing is left to do: only an interrupt that nobody waits for could come. Said synchronously,
/// because nothing is kept from running. With the boot argument `once` it is a failed verdict, and does not return.
void report_nothing_runs();

}  // namespace kernel
