// SPDX-License-Identifier: Apache-2.0
//
// The reading end of the measured stream: called for each turn, it reads what the writer has put there, in a window of
// its own, and answers how many messages have come through unchanged.
#include "bench.hpp"
#include "handles.hpp"
#include "stream_pipe.hpp"

using namespace bench;

namespace {

constinit PipeTurn messages;

/// How many messages have come through after this turn, 0 if one of it is not what was sent.
std::uint64_t checked(std::uint64_t received, std::uint64_t number) {
  for (std::uint64_t i = 0; i < received; ++i) {
    if (messages[i] != pipe_message(number + i)) return 0;
  }
  return number + received;
}

}  // namespace

int main() {
  const std::span<std::byte> memory = handles::pipe.map(read_write).value();
  auto stream =
      StreamReader<NotificationDoorbell>::open(memory, kPipeMessages, {handles::to_writer, handles::to_reader}).value();
  std::uint64_t number = 0;
  for (;;) {
    Request request = handles::pipe_turn.receive().value();
    StreamMessage* next = messages.data();
    asm volatile("fmov d0, d0" : : : "v0");  // the first use after a switch traps, and is not the stream's
    open_window(Row::StreamReceive, kPipeTurn);
    while (next != messages.data() + kPipeTurn && stream.receive(*next, do_not_block).ok()) ++next;
    close_window();
    number = checked(static_cast<std::uint64_t>(next - messages.data()), number);
    Port::reply(std::move(request.token), {0, {number}}).value();
  }
}
