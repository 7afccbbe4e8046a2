// SPDX-License-Identifier: Apache-2.0
//
// What a silo says to the one that drives the console (console.cpp), and hears from it. A silo opens the screen with a
// channel for its keys; from then on it gets the bytes that are typed while it has the focus, and may write text and
// show one line that is being edited, which stays at the bottom whatever else is printed.
//
//   Screen screen(handles::screen);
//   screen.open(keys).value();
//   screen.write("hello\n");
//   screen.show("> he", 4);
//
// The port's client needs the rights call, send and transfer.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>

#include <granary/granary.hpp>

namespace drivers {

/// Low byte of an opcode; what stands above it is a length or a column.
enum class ScreenRequest : std::uint64_t {
  Open = 1,      ///< a call that brings the right to send to an AsyncChan
  Text = 2,      ///< so many bytes, to be printed
  EditPart = 3,  ///< so many bytes, of the line that is being edited
  EditShow = 4   ///< the parts since the last one are that line; the column of the cursor
};
inline constexpr std::uint64_t kBytesPerMessage = 64;
constexpr std::uint64_t screen_opcode(ScreenRequest request, std::uint64_t number) {
  return static_cast<std::uint64_t>(request) | number << 8;
}

/// Bytes in the words of a message.
struct Bytes {
  char byte[kBytesPerMessage];
};
static_assert(sizeof(Bytes) == sizeof(granary::Message::words));

class Screen {
 public:
  constexpr explicit Screen(granary::Port port) : port_(port) {}

  /// Each message that comes through `keys` has its number of bytes as opcode.
  granary::Result<granary::Message> open(granary::AsyncChannel keys) const {
    return port_.call_with({screen_opcode(ScreenRequest::Open, 0)}, keys,
                           static_cast<std::uint64_t>(abi::Right::AsyncSend));
  }
  /// What cannot be written is lost: the screen is gone, and the kernel prints again.
  void write(std::string_view text) const { send(ScreenRequest::Text, text); }
  void show(std::string_view line, std::size_t cursor) const {
    send(ScreenRequest::EditPart, line);
    port_.send({screen_opcode(ScreenRequest::EditShow, cursor)}).ignore();
  }

 private:
  void send(ScreenRequest request, std::string_view text) const {
    while (!text.empty()) {
      const std::size_t length = std::min<std::size_t>(text.size(), kBytesPerMessage);
      Bytes bytes = {};
      std::memcpy(bytes.byte, text.data(), length);
      port_.send(granary::Message::of(screen_opcode(request, length), bytes)).ignore();
      text.remove_prefix(length);
    }
  }

  granary::Port port_;
};

}  // namespace drivers
