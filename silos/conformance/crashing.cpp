// SPDX-License-Identifier: Apache-2.0
//
// A server that crashes three functions deep, while it owes a reply, with messages unread and a second thread that
// waits. What the kernel, `granary symbolize` and gdb make of that, test/qemu/crash.py judges; what the client sees,
// crash_witness.cpp.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

struct Ring {
  std::uint64_t magic;
  double gain;
  std::uint64_t samples[40];
};
Ring ring = {0x676e69725f796d21, 0.5, {}};
constinit std::uint64_t ready = 0;

}  // namespace

extern "C" {

[[gnu::noinline]] void store_sample(Ring* into, std::uint64_t at) {
  into->samples[at % 40] = at;  // CRASH: the ring is not there
  asm volatile("" ::: "memory");
}

[[gnu::noinline]] void filter_samples(Ring* into, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) store_sample(i == 3 ? nullptr : into, i);
  asm volatile("" ::: "memory");
}

[[gnu::noinline]] void serve(std::uint64_t opcode) {
  ring.gain *= static_cast<double>(opcode + 1);
  filter_samples(&ring, opcode + 40);
  asm volatile("" ::: "memory");
}

void helper_main(std::uint64_t) {
  ready = 1;
  for (;;) sleep_for(1s);
}

}  // extern "C"

int main() {
  if (!eventually([] { return *static_cast<volatile std::uint64_t*>(&ready) == 1; })) return 1;
  // All that the witness sends is there before it is served.
  sleep_for(20ms);
  // The core file has what is in message pages: the last bytes of this one.
  std::uint64_t page = 0;
  granary_message_page(&page);
  word_at(page + 0xff8) = 0x65676170;
  for (;;) {
    const Request request = handles::service.receive().value();
    if (request.is_call()) serve(request.message.opcode);
  }
}
