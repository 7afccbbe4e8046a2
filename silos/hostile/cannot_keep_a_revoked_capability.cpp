// SPDX-License-Identifier: Apache-2.0
//
// Is given a capability and derives from it as fast as it can, with two threads: copies of copies, some on their way
// in messages to itself. Meanwhile it is revoked (takes_back.cpp, which sees whether that ends and whether anything
// still works). Expected: in the end it has nothing. Ends with 0.
#include <atomic>

#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

constexpr std::size_t kKept = 24;
std::atomic<std::uint64_t> kept[kKept];
std::atomic<bool> is_over;
Port box;

/// From one that it still has make the next, and try to send through both.
void derive(std::size_t& place) {
  const Port from(kept[place % kKept].load());
  const Result<HandleInfo> info = from.info();
  ++place;
  if (!info || info->type != abi::ObjectType::Port) return;
  const std::size_t next = (place * 7) % kKept;
  const Result<Port> copy = from.duplicate(info->rights);
  if (copy) {
    const Port old(kept[next].exchange(copy->value()));
    if (old.value() != copy->value() && old) static_cast<void>(old.close());
  }
  static_cast<void>(from.try_send({1}));
  static_cast<void>(box.send_with({2}, from, info->rights, do_not_block));
  if (place % 5 == 0) {
    const Result<Request> back = box.try_receive();
    if (back && back->capability()) {
      const Port old(kept[next].exchange(back->capability().handle));
      if (old) static_cast<void>(old.close());
    }
  }
}

bool has_nothing() {
  for (const auto& one : kept) {
    const Port port(one.load());
    if (port && port.try_send({3}).error() != kBadHandle) return false;
  }
  return true;
}

}  // namespace

extern "C" void deriver_main(std::uint64_t) {
  std::size_t place = 3;
  while (!is_over) derive(place);
}

int main() {
  box = Port::create().value();
  const Request gift = handles::offers.receive().value();
  for (auto& one : kept) {
    const Result<Port> copy = gift.capability().as<Port>().duplicate(gift.capability().rights);
    if (!copy) break;  // on another core it may be taken back already
    one = copy->value();
  }
  std::size_t place = 0;
  const Clock::time_point latest = Clock::now() + 20s;
  while (!has_nothing() && Clock::now() < latest) {
    for (int i = 0; i < 50; ++i) derive(place);
  }
  is_over = true;
  while (const Result<Request> left = box.try_receive()) holds(!left->capability(), "one is left in a message");
  holds(has_nothing(), "something of it is left");
  return outcome();
}
