// SPDX-License-Identifier: Apache-2.0
//
// A rogue that breaks the rules of the interface: guessed and stale handles, rights it lacks, absurd arguments. Each
// attempt must be refused with an error; none may stop the machine, this silo or another one. It counts, tells the
// judge, and ends.
#include <stdio.h>

#include <initializer_list>

#include "handles.hpp"
#include "messages.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {

demo::Confession confession{};

/// Notes one attempt; anything but an error is a success that should not be.
bool refused(const char* what, granary_status status) {
  ++confession.attempts;
  if (status < 0) {
    ++confession.refused;
    return true;
  }
  printf("was let through: %s\n", what);
  return false;
}

/// Every kind of call on handles that nobody gave to this silo.
void guess_handles() {
  granary_handle_info_result info;
  for (std::uint64_t index = 0; index < 512; ++index) {
    for (const std::uint64_t generation : {0u, 2u, 0xffffffffu}) {
      refused("a guessed handle", granary_handle_info(generation << 32 | index << 6, &info));
    }
  }
  for (const std::uint64_t absurd :
       {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{0xffff800000000000}}) {
    refused("an absurd handle", granary_system_verdict(absurd, 0));
  }
}

void use_a_stale_handle() {
  const Console second = handles::console.duplicate().value();
  second.close().value();
  std::uint64_t taken;
  const std::uint64_t text[GRANARY_MESSAGE_WORDS] = {};
  refused("a handle that was closed", granary_console_write(second.value(), 8, text, &taken));
  refused("closing a handle twice", granary_handle_close(second.value()));
}

/// What its two capabilities (the console, a client's right to `confession`) do not permit.
void exceed_rights() {
  const granary_handle port = handles::confession.value(), console = handles::console.value();
  const granary_message message{};
  granary_delivery delivery;
  granary_silo_status_result status;
  refused("receiving what other clients send", granary_port_receive(port, GRANARY_DEADLINE_DO_NOT_BLOCK, &delivery));
  refused("receiving without waiting", granary_port_try_receive(port, &delivery));
  refused("ending another silo's port", granary_port_destroy(port));
  refused("sending into the console", granary_chan_send(console, &message, 0));
  refused("giving the system's verdict", granary_system_verdict(console, 0));
  refused("observing through a port", granary_silo_status(port, &status));
  refused("a forged reply", granary_port_reply(&message, 1));
  granary_handle second;
  refused("asking for more rights", granary_handle_duplicate(port, ~0ull, &second));
  const Port weaker = handles::confession.duplicate(GRANARY_RIGHT_PORT_SEND).value();
  granary_message answer;
  refused("calling with a send-only handle",
          granary_port_call(weaker.value(), &message, granary_after_us(1000), &answer));
  refused("duplicating without the right", granary_handle_duplicate(weaker.value(), GRANARY_RIGHT_PORT_SEND, &second));
}

void argue_absurdly() {
  const granary_handle port = handles::confession.value(), console = handles::console.value();
  const std::uint64_t text[GRANARY_MESSAGE_WORDS] = {};
  std::uint64_t taken;
  for (const std::uint64_t length : {65ull, 4096ull, ~0ull}) {
    refused("printing too much", granary_console_write(console, length, text, &taken));
  }
  granary_chan_create_result ends;
  for (const std::uint64_t capacity : {0ull, 1025ull, 1ull << 32, ~0ull}) {
    refused("an absurd capacity", granary_chan_create(capacity, &ends));
  }
  granary_handle made;
  refused("a port beyond the quota", granary_port_create(&made));
  refused("a channel beyond the quota", granary_chan_create(1, &ends));
  for (unsigned bit = 1; bit < 64; ++bit) {
    const granary_message message{0, std::uint64_t{1} << bit, {}};
    refused("a flag that is the kernel's or nobody's", granary_port_try_send(port, &message));
  }
  granary_message answer;
  const granary_message message{};
  refused("a call that does not wait", granary_port_call(port, &message, GRANARY_DEADLINE_DO_NOT_BLOCK, &answer));
}

granary_status call_by_number(std::uint64_t number) {
  register std::uint64_t x0 asm("x0") = ~0ull;
  register std::uint64_t x8 asm("x8") = number;
  asm volatile("svc #0"
               : "+r"(x0), "+r"(x8)
               :
               : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
                 "x18", "cc", "memory");
  return static_cast<granary_status>(x0);
}

void invent_system_calls() {
  for (const std::uint64_t number : {5ull, 199ull, 243ull, 399ull, 901ull, 1000000ull, 1ull << 32, 1ull << 63, ~0ull}) {
    refused("a system call that does not exist", call_by_number(number));
  }
}

}  // namespace

int main() {
  sleep_for(400ms);  // let the others be seen at work first
  guess_handles();
  use_a_stale_handle();
  exceed_rights();
  argue_absurdly();
  invent_system_calls();
  printf("tried %d forbidden calls, %d refused\n", static_cast<int>(confession.attempts),
         static_cast<int>(confession.refused));
  // The judge listens when it has looked at the others, which takes long on an emulated machine with little of the
  // host.
  handles::confession.call(Message::of(0, confession), 60s).value();
  return confession.attempts == confession.refused ? 0 : 1;
}
