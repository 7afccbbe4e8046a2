// SPDX-License-Identifier: Apache-2.0
//
// How the kernel dies: the epitaph first, then the console, then nothing. Owns granary_epitaph. Last words are sent
// synchronously, without the kernel's console ring, and each character waits a bounded time for the transmitter. The
// line with "granary: DEAD:" comes last, so that who waits for it has the frame already.
//
// INVARIANT: vectors_of_dying_kernel are in force before anything here can fault, so a fault while dying cannot come
// back.
#include "hal/aarch64/epitaph.hpp"

#include <atomic>

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/death_words.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "kernel/port/console.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/die.hpp"

extern "C" {
extern const std::byte vectors_of_dying_kernel[];  // hal/aarch64/vectors.S
constinit hal::Epitaph granary_epitaph = {};
}

namespace hal {

namespace {

/// 0: alive. Then 1 + the number of the core that dies.
// ORDERING: relaxed: a claim only; what the dying core writes is read after it has stopped.
constinit std::atomic<std::uint32_t> dying_core{0};

/// Polls until the transmitter has room or this many looks are over: a dead UART must not keep the epitaph from being
/// complete.
constexpr std::uint32_t kLooksPerCharacter = 1'000'000;

struct LastWords {
  void write(std::string_view text) {
    for (const char character : text) {
      for (std::uint32_t look = 0; look < kLooksPerCharacter && !port::console_ready(); ++look) {
      }
      port::console_transmit(character);
    }
  }
};

/// True for the one core that may report; any other that dies meanwhile stops silently, its state is in its registers.
bool claim_death() {
  std::uint32_t nobody = 0;
  return dying_core.compare_exchange_strong(nobody, port::current_core().value() + 1, std::memory_order_relaxed);
}

void use_vectors_of_dying_kernel() {
  // SAFETY: the address of a vector table as the number that VBAR_EL2 takes.
  sysreg::VbarEl2::write(regs::PlainRegister::from(reinterpret_cast<std::uint64_t>(vectors_of_dying_kernel)));
  barrier::isb();  // in force before anything that may fault while dying
}

void write_epitaph(const DeathFrame& frame, std::string_view reason) {
  Epitaph& epitaph = granary_epitaph;
  epitaph.size = sizeof(Epitaph);
  epitaph.core = port::current_core().value();
  epitaph.vector = frame.vector;
  for (unsigned i = 0; i < 31; ++i) epitaph.general[i] = frame.general[i];
  epitaph.stack_pointer = frame.stack_pointer;
  epitaph.program_counter = frame.program_counter;
  epitaph.processor_state = frame.processor_state;
  epitaph.syndrome = frame.syndrome;
  epitaph.fault_address = frame.fault_address;
  for (std::size_t i = 0; i < sizeof epitaph.reason; ++i) epitaph.reason[i] = i < reason.size() ? reason[i] : '\0';
  epitaph.reason[sizeof epitaph.reason - 1] = '\0';
  epitaph.second_vector = kNoVector;
  epitaph.magic = EPITAPH_MAGIC;
  barrier::dsb_sy();  // whoever looks from outside after the halt finds it whole
}

[[noreturn]] void die_with(const DeathFrame& frame, std::string_view reason) {
  if (!claim_death()) port::halt();
  write_epitaph(frame, reason);
  port::console_take_back();  // a silo may have had it
  LastWords words;
  base::format(words, "\r\n");
  if (frame.vector == kNoVector) {
    base::format(words, "granary: | pc {} sp {}\r\n", base::Hex{frame.program_counter, 16},
                 base::Hex{frame.stack_pointer, 16});
  } else {
    print_death_frame(words, frame);
  }
  base::format(words, "granary: DEAD: {}, core {}\r\n", reason, port::current_core().value());
  port::halt();
}

}  // namespace

void die_of_vector(const DeathFrame& frame) {
  use_vectors_of_dying_kernel();
  FixedText<sizeof(Epitaph::reason)> reason;
  describe_death(reason, frame);
  die_with(frame, reason.view());
}

}  // namespace hal

extern "C" {

void granary_die_of_exception(const hal::DeathFrame* frame) { hal::die_of_vector(*frame); }

void granary_die_again() {
  hal::LastWords words;
  const hal::Epitaph& epitaph = granary_epitaph;
  base::format(words, "\r\ngranary: DEAD: {}; and while saying so, {}, pc {} esr {} far {}, core {}\r\n",
               epitaph.reason[0] != '\0' ? epitaph.reason : "the kernel", hal::vector_name(epitaph.second_vector),
               base::Hex{epitaph.second_program_counter}, base::Hex{epitaph.second_syndrome},
               base::Hex{epitaph.second_fault_address}, port::current_core().value());
  port::halt();
}

}  // extern "C"

namespace port {

void die(const char* reason) {
  hal::use_vectors_of_dying_kernel();
  hal::DeathFrame frame{};
  // SAFETY: addresses as numbers for the record; nothing is read through them.
  frame.program_counter = reinterpret_cast<std::uint64_t>(__builtin_return_address(0));
  frame.stack_pointer = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  frame.vector = hal::kNoVector;
  hal::die_with(frame, reason);
}

}  // namespace port
