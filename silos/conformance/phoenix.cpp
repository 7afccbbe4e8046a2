// SPDX-License-Identifier: Apache-2.0
//
// A server that ends when it is told to, and what it finds when it begins: whether anything of an earlier life is left.
// It says so into the channel `births`, with its argument as the opcode. Manifest: the port is the one it owns.
#include <cstdlib>
#include <cstring>

#include "check.hpp"
#include "handles.hpp"
#include "phoenix.hpp"

using namespace conformance;

namespace {

// Of a phoenix's capabilities the first is the console's, the second its port, the third its end of `births`.
constexpr Port work(abi::make_manifest_handle(2));
constexpr Channel births(abi::make_manifest_handle(3));

constexpr std::uint32_t kMark = 0x900df00d;
constexpr std::size_t kHeapBytes = 8192, kStackBytes = 4096;
std::uint32_t data[512] = {kMark, kMark};
std::uint32_t bss[4096];

bool is_zero(const volatile std::uint8_t* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

/// Far below what main() uses.
volatile std::uint8_t* deep_stack() {
  std::uint64_t here = 0;
  asm volatile("mov %0, sp" : "=r"(here));
  // SAFETY: the manifest gives the thread more stack than that.
  return reinterpret_cast<volatile std::uint8_t*>(here - 2 * kStackBytes);
}

std::uint64_t fresh() {
  std::uint64_t found = 0;
  if (data[0] == kMark && data[1] == kMark && data[2] == 0) found |= phoenix::kDataIsFresh;
  if (is_zero(static_cast<std::uint8_t*>(static_cast<void*>(bss)), sizeof bss)) found |= phoenix::kBssIsZero;
  auto* const heap = static_cast<std::uint8_t*>(malloc(kHeapBytes));
  if (heap != nullptr && is_zero(heap, kHeapBytes)) found |= phoenix::kHeapIsZero;
  if (is_zero(deep_stack(), kStackBytes)) found |= phoenix::kStackIsZero;
  std::uint64_t page = 0;
  granary_message_page(&page);
  // SAFETY: the kernel has mapped the page of this thread there.
  if (is_zero(reinterpret_cast<const volatile std::uint8_t*>(page), 4096)) found |= phoenix::kPageIsZero;
  return found;
}

/// Leaves something everywhere.
void soil() {
  memset(data, 0x5a, sizeof data);
  memset(bss, 0x5a, sizeof bss);
  memset(malloc(kHeapBytes), 0x5a, kHeapBytes);
  for (std::size_t i = 0; i < kStackBytes; ++i) deep_stack()[i] = 0x5a;
  std::uint64_t page = 0;
  granary_message_page(&page);
  // SAFETY: as above.
  memset(reinterpret_cast<void*>(page), 0x5a, 4096);
  // Things of its own, which are its quota's again when it has ended.
  static_cast<void>(granary_port_create(&page));
  static_cast<void>(granary_port_create(&page));
}

[[noreturn]] void crash() {
  word_at(8) = 1;
  abort();
}

}  // namespace

int main() {
  const std::uint64_t found = fresh();
  bool has_quota = true;
  for (int i = 0; i < 2; ++i) {
    std::uint64_t port = 0;
    has_quota = has_quota && granary_port_create(&port) == GRANARY_OK && granary_handle_close(port) == GRANARY_OK;
  }
  births.send({argument(), {found, has_quota ? 1u : 0u, detail::counter_now()}}, 1s).value();
  soil();
  for (;;) {
    Result<granary::Request> request = work.receive();
    if (!request) return 9;
    switch (request->message.opcode) {
      case phoenix::kEcho: Port::reply(std::move(request->token), request->message).value(); break;
      case phoenix::kCrash: request->token.release(); crash();
      case phoenix::kExit: request->token.release(); return 0;
      case phoenix::kCrashIn: {
        const auto wait = std::chrono::milliseconds(request->message.words[0]);
        Port::reply(std::move(request->token), {0}).value();
        sleep_for(wait);
        crash();
      }
      default: return 8;
    }
  }
}
