// SPDX-License-Identifier: Apache-2.0
//
// Serves its port and calls its neighbour's for some milliseconds, then ends for a cause drawn at random. One program
// serves all agents: each has its own port, its neighbour's and the board.
#include <cstdlib>

#include "chaos.hpp"

using namespace chaos;

namespace {

std::uint64_t random_state = 0;
std::uint64_t draw() {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return random_state >> 33;
}

__attribute__((noinline)) std::uint64_t overflow(std::uint64_t depth) {
  volatile std::uint64_t frame[64];
  frame[depth % 64] = depth;
  asm volatile("" : : : "memory");
  if (depth == ~std::uint64_t{0}) return 0;
  return overflow(depth + 1) + frame[depth % 64];
}
std::uint64_t code_in_data = 0xd65f03c0;  // ret

[[noreturn]] void end(Cause cause) {
  switch (cause) {
    case Cause::NullPointer: asm volatile("ldr x0, [%0]" : : "r"(16) : "x0", "memory"); break;
    case Cause::StackOverflow: static_cast<void>(overflow(1)); break;
    case Cause::WriteText: {
      std::uint64_t here;
      asm volatile("adr %0, ." : "=r"(here));
      asm volatile("str xzr, [%0]" : : "r"(here & ~std::uint64_t{7}) : "memory");
      break;
    }
    case Cause::ExecuteData: asm volatile("blr %0" : : "r"(&code_in_data) : "x30", "memory"); break;
    case Cause::Undefined: asm volatile("udf #1"); break;
    case Cause::Breakpoint: asm volatile("brk #1"); break;
    case Cause::Exit: granary_exit(kExitStatus); break;
    case Cause::Abort: abort();
    case Cause::FailedResult: static_cast<void>(Result<int>(kPeerGone).value()); break;
    case Cause::kCount: break;
  }
  exit(99);  // it has not ended by its cause
}

}  // namespace

int main() {
  const auto me = static_cast<unsigned>(argument());
  Board& board = map_board(Region(abi::make_manifest_handle(4)));
  Notes& notes = board.agent[me];
  random_state = me * 7919 + notes.lives.fetch_add(1) * 104729 + 1;
  Port own(abi::make_manifest_handle(2)), next(abi::make_manifest_handle(3));
  if ((own.info().value().rights & GRANARY_RIGHT_PORT_RECEIVE) == 0) std::swap(own, next);
  draw();
  for (std::uint64_t left = draw() % 8; left > 0 || board.stop.load() != 0;) {
    auto request = own.receive(std::chrono::microseconds(200 + draw() % 400));
    if (request && request->token && draw() % 4 != 0) Port::reply(std::move(request->token), {1}).ignore();
    if (board.stop.load() != 0) continue;
    static_cast<void>(next.call({1}, std::chrono::microseconds(100 + draw() % 1000)).ok());
    static_cast<void>(next.try_send({2}).ok());
    if (left > 0) --left;
  }
  const auto cause = static_cast<Cause>(draw() % kCauses);
  notes.ends[static_cast<unsigned>(cause)].fetch_add(1);
  end(cause);
}
