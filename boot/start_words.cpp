// SPDX-License-Identifier: Apache-2.0
//
// The sentences of boot/start.S: why this kernel cannot run where it was started. Runs with the MMU off, at the image's
// physical address, and never comes back; so it uses no table, no string array, no virtual address, no state, and
// aligned accesses only. (Compiled like the rest: AArch64 code addresses its own literals relative to the program
// counter.)
#include <cstdint>
#include <string_view>

#include "boot/early_console.hpp"
#include "boot/start_registers.h"
#include "hal/mmio.hpp"
#include "hal/uart/mini_uart.hpp"
#include "hal/uart/pl011.hpp"

namespace boot {

namespace {

class PhysicalConsole {
 public:
  explicit PhysicalConsole(ConsoleDevice device) : device_(device) {}

  void initialize() const {
    if (device_.kind == hal::UartKind::Pl011) hal::Pl011<>(device_.registers).initialize();
    if (device_.kind == hal::UartKind::Bcm2835MiniUart) hal::MiniUart<>(device_.registers).initialize();
  }
  [[gnu::noinline]] void write(std::string_view text) const {
    for (const char character : text) {
      if (character == '\n') transmit('\r');
      transmit(character);
    }
  }
  [[gnu::noinline]] void write_hexadecimal(std::uint64_t number) const {
    write("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
      const unsigned digit = static_cast<unsigned>(number >> shift) & 0xf;
      transmit(static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10));
    }
  }

 private:
  void transmit(char character) const {
    if (device_.kind == hal::UartKind::Pl011) send(hal::Pl011<>(device_.registers), character);
    if (device_.kind == hal::UartKind::Bcm2835MiniUart) send(hal::MiniUart<>(device_.registers), character);
  }
  template <typename Uart>
  static void send(const Uart& uart, char character) {
    while (!uart.ready()) {
    }
    uart.transmit(character);
  }
  ConsoleDevice device_;
};

ConsoleDevice console_for(std::uint64_t device_tree) {
  DeviceTree tree;
  // SAFETY: X0 of the loader, read as it is: if it leads nowhere the exception arrives at start.S, which comes here
  // only once.
  const void* blob = reinterpret_cast<const void*>(device_tree);
  if (device_tree % 8 == 0 && DeviceTree::check(blob, tree) == DeviceTreeDefect::None) {
    const ConsoleDevice found = find_console(tree);
    if (found.kind != hal::UartKind::None) return found;
  }
  for (std::uint32_t index = 0; index < kLastResortCount; ++index) {
    const LastResortConsole guess = last_resort_console(index);
    const auto read32 = [&](std::uint64_t offset) {
      return hal::HardwareIo::read<std::uint32_t>(guess.identified_by + offset);
    };
    if (!is_prime_cell_uart(read32)) continue;
    if (guess.enabled_at != 0 &&
        (hal::HardwareIo::read<std::uint32_t>(guess.enabled_at) & guess.enabled_bits) != guess.enabled_bits) {
      continue;
    }
    return {guess.kind, guess.registers};
  }
  return {};
}

}  // namespace

extern "C" void boot_stop_in_words(std::uint64_t device_tree, std::uint64_t reason, std::uint64_t image,
                                   std::uint64_t syndrome, std::uint64_t program_counter, std::uint64_t fault_address);

/// IN reason: STOP_* of start_registers.h; the last three only for exceptions (X0 as `syndrome` for
/// STOP_NO_DEVICE_TREE). Called once, by start.S, MMU off; returns to park.
extern "C" void boot_stop_in_words(std::uint64_t device_tree, std::uint64_t reason, std::uint64_t image,
                                   std::uint64_t syndrome, std::uint64_t program_counter, std::uint64_t fault_address) {
  const PhysicalConsole console(console_for(device_tree));
  console.initialize();
  console.write("\ngranary: STOP: ");
  if (reason == STOP_ENTERED_AT_EL1) {
    console.write("started at EL1; this kernel needs EL2 (QEMU: -machine virt,virtualization=on)\n");
  } else if (reason == STOP_HOST_EXTENSIONS_STUCK) {
    console.write("HCR_EL2.E2H cannot be cleared; this kernel needs EL2 without the virtualization host extensions\n");
  } else if (reason == STOP_IMAGE_MISPLACED) {
    console.write("loaded at ");
    console.write_hexadecimal(image);
    console.write("; the image must lie below 256 GiB\n");
  } else if (reason == STOP_NO_DEVICE_TREE) {
    console.write("no device tree: X0 is ");
    console.write_hexadecimal(syndrome);  // start.S passes X0 here
    console.write(", where no memory answers\n");
  } else {
    console.write("exception during start-up, vector ");
    console.write_hexadecimal(reason - STOP_EXCEPTION);
    console.write(", syndrome ");
    console.write_hexadecimal(syndrome);
    console.write(", at ");
    console.write_hexadecimal(program_counter);
    console.write(", fault address ");
    console.write_hexadecimal(fault_address);
    console.write(", image at ");
    console.write_hexadecimal(image);
    console.write("\n");
  }
}

}  // namespace boot
