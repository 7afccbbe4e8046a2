// SPDX-License-Identifier: Apache-2.0
//
// Streams to stream_reader.cpp: bytes of three lengths, then messages; then the reader ends, and this side must learn
// it.
#include <algorithm>

#include "check.hpp"
#include "handles.hpp"
#include "streaming.hpp"

using namespace conformance;

int main() {
  const std::span<std::byte> memory = handles::pipe.map(read_write).value();
  check_equal(memory.size(), stream_memory_bytes(kRingMessages),
              "N5 a region of the manifest has the size that it says");
  auto stream =
      StreamWriter<NotificationDoorbell>::open(memory, kRingMessages, {handles::to_reader, handles::to_writer});
  check_ok(stream, "N5 a stream is opened over it");
  for (const std::size_t length : kLengths) {
    bool good = true;
    std::byte piece[kPiece];
    for (std::size_t done = 0; done < length;) {
      const std::size_t size = std::min(kPiece, length - done);
      for (std::size_t i = 0; i < size; ++i) piece[i] = byte_of(length, done + i);
      const Result<std::size_t> written = stream->write(std::span(piece, size), 10s);
      if (!written || *written != size) {
        good = false;
        break;
      }
      done += size;
    }
    check(good, length == kLengths[0]   ? "N5 64 KiB are written"
                : length == kLengths[1] ? "N5 256 KiB are written"
                                        : "N5 1 MiB is written");
  }
  bool good = true;
  for (std::uint64_t number = 0; number < kMessages && good; ++number)
    good = stream->send(message_of(number), 10s).ok();
  check(good, "N5 20000 messages of 64 bytes are sent");
  Result<void> sent;
  for (std::uint64_t number = 0; number < 2 * kRingMessages && sent; ++number)
    sent = stream->send(message_of(number), 10s);
  check_error(sent, kPeerGone, "N5 when the reader's silo has ended, the writer is told");
  return finish();
}
