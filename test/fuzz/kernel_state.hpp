// SPDX-License-Identifier: Apache-2.0
//
// Included first into every file of kernel/ and ipc/ of the fuzzer of system images: what they own lies in sections of
// its own, so that the fuzzer can put all of it back to what it is when the machine starts.
#pragma once

#pragma clang section bss = "kernel_bss" data = "kernel_data"
