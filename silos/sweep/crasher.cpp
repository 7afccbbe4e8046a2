// SPDX-License-Identifier: Apache-2.0
//
// Lives for a few messages, with all that its quota permits in its hands, and ends without giving anything back: by a
// fault, an undefined instruction, or an exit, with a call unanswered or between two.
#include <cstdlib>

#include "handles.hpp"
#include "storm.hpp"

using namespace storm;

namespace {

bool left_behind = false;  // in .bss: zero in each life

void blame(Board& board, Wrong what, int status = 0) {
  board.wrong.store(what | static_cast<std::uint64_t>(status) << 8);
}

/// All that the quota permits.
void make_things(Board& board) {
  const auto port = Port::create();
  const auto semaphore = Semaphore::create(1);
  const auto notification = Notification::create();
  const auto region = Region::create(2);
  const auto ends = granary::Channel::create(4);
  if (!port || !semaphore || !notification || !region || !ends) return blame(board, kQuota);
  const auto memory = region->map(read_write);
  if (!memory) return blame(board, kQuota, memory.error().number());
  if (memory->front() != std::byte{0} || left_behind) return blame(board, kLeft);
  memory->front() = std::byte{1};
  left_behind = true;
  const auto timer = Timer::create(*notification, 1);
  if (!timer || !timer->set(Deadline(std::chrono::hours(1))) || !notification->bind(*port, 2) || !ends->first.send({1}))
    blame(board, kQuota);
}

/// From loader 0: numbers without a gap, whatever becomes of who takes them.
void take_fed(Board& board) {
  for (auto fed = handles::feed.try_receive(); fed.ok(); fed = handles::feed.try_receive()) {
    if (fed->message.words[0] != board.fed.load() + 1) blame(board, kNumber);
    board.fed.store(fed->message.words[0]);
    if (fed->carried) Handle(fed->carried.handle).close().ignore();
  }
}
void take_others() {
  while (handles::mail.try_receive().ok()) {
  }
  static_cast<void>(handles::bell.try_wait().ok());
  while (handles::gate.try_wait().ok()) {
  }
}

void answer(Request& request, std::uint64_t add) {
  if (request.carried) Handle(request.carried.handle).close().ignore();
  if (request.token) Port::reply(std::move(request.token), {1, {request.message.words[0] + add}}).ignore();
}

void rest(Board& board) {
  while (board.rest.load() != 0) {
    for (auto left = handles::service.try_receive(); left.ok(); left = handles::service.try_receive()) answer(*left, 1);
    take_fed(board);
    take_others();
    board.resting.store(1);
    sleep_ticks(10'000);
  }
  board.resting.store(0);
}

[[noreturn]] void end(std::uint64_t life) {
  switch (life % 3) {
    case 0: asm volatile("str xzr, [%0]" : : "r"(8) : "memory"); break;
    case 1: asm volatile("udf #7"); break;
    default: break;
  }
  granary_exit(life & 0xff);
  for (;;) {
  }
}

}  // namespace

int main() {
  Board& board = map_board(handles::board);
  const std::uint64_t life = board.lives.fetch_add(1);
  rest(board);  // here alone, with nothing of its own
  // One life in four is a full one. The others end soon, so that there are many.
  const bool is_full = life % 4 == 0;
  if (is_full) make_things(board);
  for (std::uint64_t left = is_full ? life * 7919 % 5 : 0; left > 0; --left) {
    auto request = handles::service.receive(std::chrono::microseconds(300));
    if (request) answer(*request, 1);
    take_fed(board);
    take_others();
  }
  // Every other of those ends with a call that it has taken.
  if (life % 8 == 0) {
    auto request = handles::service.receive(std::chrono::microseconds(300));
    if (request) request->token.release();
  }
  end(life);
}
