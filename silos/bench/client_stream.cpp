// SPDX-License-Identifier: Apache-2.0
//
// The writing end of a stream over shared memory; stream_reader.cpp has the other end and its row. The two run by
// turns, and each finds room or messages all the time, so neither makes a system call within its windows.
#include "parts.hpp"
#include "stream_pipe.hpp"

namespace bench {

namespace {
constinit PipeTurn messages;
}

void measure_stream() {
  const std::span<std::byte> memory = handles::pipe.map(read_write).value();
  auto stream =
      StreamWriter<NotificationDoorbell>::open(memory, kPipeMessages, {handles::to_reader, handles::to_writer}).value();
  std::uint64_t number = 0;
  bool good = true;
  for (std::uint64_t turn = 0; turn < kPipeTurns && good; ++turn) {
    for (StreamMessage& message : messages) message = pipe_message(number++);
    open_window(Row::StreamSend, kPipeTurn);
    for (const StreamMessage& message : messages) {
      good = stream.send(message).ok();
      if (!good) break;
    }
    close_window();
    const Result<Message> read = handles::pipe_turn.call({}, 10s);
    good = good && read.ok() && read->words[0] == number;
  }
  expect(good, "the reader got each message of the stream");
}

}  // namespace bench
