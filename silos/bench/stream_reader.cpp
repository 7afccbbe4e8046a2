// SPDX-License-Identifier: Apache-2.0
//
// The reading end of the measured stream: called for each turn, it reads what the writer has put there, in a window of
// its own, and answers how many messages have come through unchanged.
#include "bench.hpp"
#include "handles.hpp"
#include "stream_pipe.hpp"

using namespace bench;

int main() {
  const std::span<std::byte> memory = handles::pipe.map(read_write).value();
  auto stream =
      StreamReader<NotificationDoorbell>::open(memory, kPipeMessages, {handles::to_writer, handles::to_reader}).value();
  std::uint64_t number = 0;
  for (;;) {
    Request request = handles::pipe_turn.receive().value();
    StreamMessage message;
    std::uint64_t wrong = 0, received = 0;
    open_window(Row::StreamReceive, kPipeTurn);
    for (; received < kPipeTurn; ++received) {
      if (!stream.receive(message, do_not_block)) break;
      wrong |= message.words[0] ^ (number + received);
    }
    close_window();
    const StreamMessage last = pipe_message(number + received - 1);
    number += received;
    Port::reply(std::move(request.token), {0, {wrong == 0 && message == last ? number : 0}}).value();
  }
}
