// SPDX-License-Identifier: Apache-2.0
//
// Sends with a label of its own in the register where the receiver finds it, and in every other that is free; in a
// message, in a call and in its answer. Expected: the receiver sees the label of the manifest. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

constexpr std::uint32_t kLabel = 2 | 5 << 8 | 99 << 16;  // tier user, family user, compartment 99

granary_status call_with_label(std::uint64_t number, std::uint64_t handle, std::uint64_t token) {
  register std::uint64_t x0 asm("x0") = handle;
  register std::uint64_t x1 asm("x1") = 1;
  register std::uint64_t x2 asm("x2") = 0;
  register std::uint64_t x7 asm("x7") = GRANARY_DEADLINE_FOREVER;
  register std::uint64_t x8 asm("x8") = number;
  register std::uint64_t x13 asm("x13") = token;
  register std::uint64_t x14 asm("x14") = 1;
  register std::uint64_t x15 asm("x15") = 1;
  register std::uint64_t x16 asm("x16") = 1;
  register std::uint64_t x17 asm("x17") = 1;
  asm volatile("svc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x7), "+r"(x8), "+r"(x13), "+r"(x14), "+r"(x15), "+r"(x16), "+r"(x17)
               :
               : "x3", "x4", "x5", "x6", "x9", "x10", "x11", "x12", "x18", "cc", "memory");
  return static_cast<granary_status>(x0);
}

}  // namespace

std::uint64_t answers_label = kLabel;

extern "C" void server_main(std::uint64_t) {
  for (;;) {
    Request request = handles::own.receive().value();
    if (request.label().value != kLabel) answers_label = request.label().value;
    if (request.is_call()) call_with_label(GRANARY_SYS_PORT_REPLY, 0, request.token.release());
  }
}

int main() {
  for (int i = 0; i < 20; ++i) {
    refused(call_with_label(GRANARY_SYS_PORT_SEND, handles::own.value(), 7), GRANARY_OK, "a message");
    refused(call_with_label(GRANARY_SYS_PORT_CALL, handles::own.value(), 7), GRANARY_OK, "a call");
    const Result<Delivery> answer = handles::own.call_accepting({1});
    holds(answer && answer->label().value == kLabel, "an answer has another label");
  }
  holds(answers_label == kLabel, "a message has another label");
  granary_message message{.opcode = 1, .flags = 0, .word = {}};
  for (unsigned bit = 4; bit < 64; ++bit) {
    message.flags = std::uint64_t{1} << bit;
    refused(granary_port_try_send(handles::own.value(), &message), GRANARY_EINVAL, "a flag of the kernel's");
  }
  return outcome();
}
