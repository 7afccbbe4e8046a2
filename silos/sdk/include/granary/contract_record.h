// SPDX-License-Identifier: Apache-2.0
//
// The record of a contract that a generated header leaves in a program: `granary` holds it against the manifest when it
// makes the system image. The linker script keeps it, outside of everything that is loaded. For C and C++.
#pragma once

// clang-format off
#define GRANARY_CONTRACT_RECORD(name) \
  static const char name[] __attribute__((used, aligned(1), section(".granary.contracts")))
// clang-format on
