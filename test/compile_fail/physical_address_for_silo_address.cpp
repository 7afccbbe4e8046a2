// SPDX-License-Identifier: Apache-2.0
// expects: could not convert
// layer: kernel
//
// Addresses of different kinds cannot be mixed: a physical address is not a silo's.
#include "kernel/base/address.hpp"

std::uint64_t first_word_of(base::SiloAddress address);
std::uint64_t first_word_of(base::SiloAddress address) { return address.offset_in_page(); }

std::uint64_t read_it(base::PhysicalAddress frame, base::SiloAddress page);
std::uint64_t read_it([[maybe_unused]] base::PhysicalAddress frame, [[maybe_unused]] base::SiloAddress page) {
#ifdef COMPILES
  return first_word_of(page);
#else
  return first_word_of(frame);
#endif
}
