// SPDX-License-Identifier: Apache-2.0
//
// Receives what stream_writer.cpp streams and compares every byte.
#include <algorithm>

#include "check.hpp"
#include "handles.hpp"
#include "streaming.hpp"

using namespace conformance;

int main() {
  const std::span<std::byte> memory = handles::pipe.map(read_write).value();
  auto stream =
      StreamReader<NotificationDoorbell>::open(memory, kRingMessages, {handles::to_writer, handles::to_reader});
  check_ok(stream, "N5 the other side opens the stream over the same region");
  for (const std::size_t length : kLengths) {
    std::size_t done = 0, wrong = 0;
    std::byte piece[kPiece];
    while (done < length) {
      const Result<std::size_t> read = stream->read(std::span(piece, std::min(kPiece, length - done)), 10s);
      if (!read) break;
      for (std::size_t i = 0; i < *read; ++i) wrong += piece[i] != byte_of(length, done + i) ? 1 : 0;
      done += *read;
    }
    check(done == length && wrong == 0, length == kLengths[0]   ? "N5 64 KiB arrive, every byte as it was written"
                                        : length == kLengths[1] ? "N5 256 KiB arrive, every byte as it was written"
                                                                : "N5 1 MiB arrives, every byte as it was written");
  }
  std::uint64_t number = 0;
  for (StreamMessage message; number < kMessages; ++number) {
    if (!stream->receive(message, 10s) || message != message_of(number)) break;
  }
  check_equal(number, kMessages, "N5 20000 messages arrive, each whole and in order");
  check(!stream->corrupt(), "N5 the stream is sound");
  return finish();
}
