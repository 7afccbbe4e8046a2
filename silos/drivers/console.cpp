// SPDX-License-Identifier: Apache-2.0
//
// The console as a silo: it owns the UART. Out goes what the kernel keeps for it (everything that the kernel and the
// silos print) and what its clients write; in come keys, for the client that has the focus. Ctrl-T passes the focus on.
// One thread, one notification: the UART's interrupt, something printed, a client that asks.
//
// If this silo ends, the kernel takes the UART back and prints what this has not said to be printed: so that is said
// only when it has gone into the UART.
#include <algorithm>
#include <array>

#include "handles.hpp"
#include "output.hpp"
#include "screen.hpp"
#include "uart.hpp"

using namespace granary;
using namespace std::chrono_literals;
using drivers::Output;
using drivers::ScreenRequest;

namespace {

constexpr std::uint64_t kUart = 1 << 0, kPrinted = 1 << 1, kAsked = 1 << 2;
constexpr char kSwitchFocus = 't' & 0x1f;
constexpr std::size_t kClients = 4;
constexpr std::size_t kKeysKept = 1024;  ///< that the client in focus has not taken; then the UART keeps the rest

/// Of the output, for edited lines that are shown because the focus has moved.
constexpr std::size_t kReserve = 2 * Output::needed(0);

struct Client {
  std::uint64_t badge = 0;  ///< 0: nobody
  AsyncChannel keys;
  drivers::FixedText<Output::kLongestEdit> line;  ///< parts of the next line
  drivers::FixedText<Output::kLongestEdit> shown;
  std::size_t cursor = 0;
};

std::array<Client, kClients> clients;
std::size_t focus = 0;
Output output;
char keys[kKeysKept];
std::size_t keys_count = 0;

void show_focus() { output.edit(clients[focus].shown.view(), clients[focus].cursor); }

void pass_focus_on() {
  for (std::size_t step = 1; step <= kClients; ++step) {
    const std::size_t next = (focus + step) % kClients;
    if (clients[next].badge == 0) continue;
    if (next != focus) keys_count = 0;
    focus = next;
    show_focus();
    return;
  }
}

void open(Request& request) {
  const auto free = std::find_if(clients.begin(), clients.end(), [&](const Client& client) {
    return client.badge == 0 || client.badge == request.badge;
  });
  const bool has_channel = static_cast<bool>(request.carried);
  if (free != clients.end() && has_channel) {
    if (free->badge != 0) free->keys.close().ignore();
    *free = Client{request.badge, request.carried.as<AsyncChannel>(), {}, {}, 0};
  } else if (has_channel) {
    Handle(request.carried.handle).close().ignore();
  }
  Port::reply(std::move(request.token), {free != clients.end() && has_channel}).ignore();
}

/// One request of a client; there is room in the output for the longest.
void serve(Request& request) {
  const auto what = static_cast<ScreenRequest>(request.message.opcode & 0xff);
  if (what == ScreenRequest::Open) return open(request);
  const std::uint64_t number = request.message.opcode >> 8;
  const auto bytes = request.message.as<drivers::Bytes>();
  const std::string_view text(bytes.byte, std::min(number, drivers::kBytesPerMessage));
  const auto client =
      std::find_if(clients.begin(), clients.end(), [&](const Client& one) { return one.badge == request.badge; });
  if (client == clients.end()) return;
  switch (what) {
    case ScreenRequest::Text: output.text(text); return;
    case ScreenRequest::EditPart:
      for (const char character : text) client->line.insert(client->line.size(), character);
      return;
    case ScreenRequest::EditShow:
      client->shown.assign(client->line.view());
      client->line.clear();
      client->cursor = number;
      if (&*client == &clients[focus]) show_focus();
      return;
    case ScreenRequest::Open: return;
  }
}

void serve_clients() {
  while (output.room() >= Output::needed(drivers::kBytesPerMessage) + kReserve) {
    Result<Request> request = handles::screen.try_receive();
    if (!request) return;
    serve(*request);
  }
}

/// What is printed has gone into the UART: the next part.
void print_next(std::uint64_t& printed) {
  if (!output.is_empty()) return;
  const Result<ConsoleText> text = handles::console.read(printed);
  if (!text) return;
  // Whole lines, so that nothing of a client's gets into one; they are far shorter than what is read at once.
  const std::string_view lines = text->bytes.substr(0, text->bytes.rfind('\n') + 1);
  if (text->position != printed && printed != 0) output.text("console: lines were lost\n");
  output.text(lines);
  printed = text->position + lines.size();
}

void hand_keys_over() {
  Client& client = clients[focus];
  while (keys_count != 0 && client.badge != 0) {
    drivers::Bytes bytes = {};
    const std::size_t length = std::min<std::size_t>(keys_count, drivers::kBytesPerMessage);
    std::copy_n(keys, length, bytes.byte);
    const Result<void> sent = client.keys.send(Message::of(length, bytes));
    if (!sent && sent.error() == kWouldBlock) return;
    if (!sent) {  // it has ended
      client.keys.close().ignore();
      client = {};
      show_focus();
      pass_focus_on();
      return;
    }
    std::copy(keys + length, keys + keys_count, keys);
    keys_count -= length;
  }
}

/// Keys that find no room stay in the UART.
bool can_take_keys() { return keys_count < kKeysKept && output.room() >= Output::needed(0) + kReserve; }

void take_keys(drivers::Uart& uart) {
  while (can_take_keys()) {
    const std::optional<char> key = uart.read();
    if (!key) return;
    if (*key == kSwitchFocus) {
      pass_focus_on();
    } else if (clients[focus].badge != 0) {
      keys[keys_count++] = *key;
    }
  }
}

}  // namespace

int main() {
  const DeviceInfo device = devices::uart_registers.info().value();
  drivers::Uart uart(device);
  const Notification events = Notification::create().value();
  handles::console.take(events, kPrinted).value();
  events.bind(handles::screen, kAsked).value();
  handles::uart.bind(events, kUart).value();
  uart.begin();
  std::uint64_t printed = 0;
  for (;;) {
    take_keys(uart);
    hand_keys_over();
    serve_clients();
    for (;;) {
      while (!output.is_empty() && uart.write(output.front())) output.pop();
      if (!output.is_empty()) break;
      serve_clients();
      if (output.is_empty()) print_next(printed);
      if (output.is_empty()) break;
    }
    uart.interrupt_on(can_take_keys(), !output.is_empty());
    // A client that is slow to take its keys does not say when it has.
    const Deadline latest = keys_count != 0 ? Deadline(5ms) : Deadline(forever);
    const Result<std::uint64_t> bits = events.wait(kUart | kPrinted | kAsked, latest);
    if (bits && (*bits & kUart) != 0) uart.quieten();
  }
}
