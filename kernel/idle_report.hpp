// SPDX-License-Identifier: Apache-2.0
//
// What the console says when nothing can run any more: that every silo has ended, or which threads wait for ever and
// for what. Owns nothing.
#pragma once

namespace kernel {

/// On no core is a thread ready, a deadline armed or anything left to do: only an interrupt that nobody waits for could
/// come. Said synchronously, because nothing is kept from running. With the boot argument `once` it is the verdict, and
/// does not return: passed if no silo faulted or exited with another status than 0 and the threads that still wait are
/// servers waiting for a message at a port; else failed.
/// False: it has been said before.
bool report_nothing_runs();
/// Start of boot.
void reset_idle_report();

}  // namespace kernel
