// SPDX-License-Identifier: Apache-2.0
//
// A dying kernel's state in words: the vectors by name, the frame as lines. Pure: renders into any sink with
// write(string_view); the console when it matters, a string in host tests.
#pragma once

#include "hal/aarch64/entry_layout.h"
#include "hal/aarch64/fault_decode.hpp"
#include "kernel/base/format.hpp"

namespace hal {

/// "synchronous exception in the kernel", ...; a text for every number.
const char* vector_name(std::uint64_t vector);

/// A short text of fixed size for the epitaph; what does not fit is cut off.
template <std::size_t kBytes>
class FixedText {
 public:
  void write(std::string_view piece) {
    for (const char character : piece) {
      if (length_ == kBytes - 1) return;
      text_[length_++] = character;
    }
  }
  std::string_view view() const { return std::string_view(text_, length_); }

 private:
  char text_[kBytes] = {};
  std::size_t length_ = 0;
};

/// ESR_EL2 tells something about synchronous exceptions and SErrors; interrupts leave it alone.
constexpr bool vector_has_syndrome(std::uint64_t vector) { return vector < 16 && (vector % 4 == 0 || vector % 4 == 3); }

/// "synchronous exception in the kernel: write at 0x4000012000: permission fault, level 3".
template <typename Sink>
void describe_death(Sink& sink, const DeathFrame& frame) {
  base::format(sink, "{}", vector_name(frame.vector));
  if (!vector_has_syndrome(frame.vector)) return;
  base::format(sink, ": ");
  describe_fault(sink, decode_fault(regs::EsrEl2::from(frame.syndrome), frame.fault_address, frame.program_counter));
}

/// Where it happened and all registers, four to a line. Every line starts "granary: | ".
template <typename Sink>
void print_death_frame(Sink& sink, const DeathFrame& frame) {
  base::format(sink, "granary: | pc {} sp {} spsr {} esr {} far {}\r\n", base::Hex{frame.program_counter, 16},
               base::Hex{frame.stack_pointer, 16}, base::Hex{frame.processor_state, 8}, base::Hex{frame.syndrome, 8},
               base::Hex{frame.fault_address, 16});
  for (unsigned first = 0; first < 31; first += 4) {
    base::format(sink, "granary: |");
    for (unsigned i = first; i < 31 && i < first + 4; ++i) {
      base::format(sink, " x{} {}", i, base::Hex{frame.general[i], 16});
    }
    base::format(sink, "\r\n");
  }
}

}  // namespace hal
