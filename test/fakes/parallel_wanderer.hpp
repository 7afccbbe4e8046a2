// SPDX-License-Identifier: Apache-2.0
//
// Silos for cores that run at the same time (parallel_cores.hpp) which do what is rare: they look at everybody, restart
// some, and make, bind, pass on, revoke and map at random. What comes of it is judged by whoever is beside them.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <random>

#include "test/fakes/parallel_cores.hpp"

namespace fakes {

/// Looks at everything there is, and stops and restarts silos of every core.
class Operator {
 public:
  using Call = abi::SystemCall;
  Operator(std::uint64_t system, std::vector<std::uint64_t> victims, std::uint64_t calls)
      : system_(system), victims_(std::move(victims)), left_(calls), random_(77) {}
  bool is_done() const { return left_ == 0; }

  NextCall next(const std::uint64_t (&general)[31]) {
    if (has_begun_) {
      EXPECT_EQ(general[0], 0u) << static_cast<std::int64_t>(general[0]) << " of " << static_cast<int>(last_);
      if (last_ == Call::SYSTEM_RESTART) ++restarts;
    }
    has_begun_ = true;
    const auto about = [&](Call call, std::uint64_t word) {
      last_ = call;
      return NextCall{call, {.handle = system_, .words = {word, 0, 0, 0}}};
    };
    if (left_ != 0) --left_;
    const std::uint64_t victim = victims_[random_() % victims_.size()];
    switch (random_() % 8) {
      case 0: return about(Call::SYSTEM_RESTART, victim);
      case 1: return about(Call::SYSTEM_SILOS, 0);
      case 2: return about(Call::SYSTEM_THREADS, 0);
      case 3: return about(Call::SYSTEM_OBJECTS, 0);
      case 4: return about(Call::SYSTEM_LIFE, victim);
      case 5: return last_ = Call::THREAD_TIME, NextCall{last_};
      default: return last_ = Call::SLEEP_UNTIL, NextCall{last_, {.deadline = port::now().value() + random_() % 4'000}};
    }
  }
  std::uint64_t restarts = 0;

 private:
  std::uint64_t system_;
  std::vector<std::uint64_t> victims_;
  std::uint64_t left_;
  std::minstd_rand random_;
  bool has_begun_ = false;
  Call last_ = Call::NULL_CALL;
};

/// Does at random what changes who may do what, and waits for many things at once; never for ever.
class Wanderer {
 public:
  /// `shared`: handles to objects that others use as well, with every right. `notification`: one of them.
  Wanderer(std::vector<std::uint64_t> shared, std::uint64_t notification, std::uint64_t calls, std::uint64_t seed)
      : shared_(std::move(shared)), notification_(notification), left_(calls), random_(seed) {}
  bool is_done() const { return left_ == 0; }
  std::uint64_t succeeded = 0;

  NextCall next(const std::uint64_t (&general)[31]) {
    using enum abi::SystemCall;
    note(general);
    if (left_ != 0) --left_;
    const std::uint64_t some = any(shared_), mine = any(mine_);
    switch (below(16)) {
      case 0: return made_by({HANDLE_DUPLICATE, {.handle = some, .words = {~std::uint64_t{0}}}});
      case 1: return {HANDLE_REVOKE, {.handle = mine}};
      case 2: return {HANDLE_CLOSE, {.handle = take_one()}};
      case 3: return {BIND, {.handle = some, .words = {notification_, 1 + below(15), 1 + below(3)}}};
      case 4: return {UNBIND, {.handle = some, .words = {notification_}}};
      case 5: return made_by({TIMER_CREATE, {.words = {notification_, 1 + below(15)}}});
      case 6: return {TIMER_SET, {.handle = mine, .words = {soon(), 3'125 + below(5'000)}}};
      case 7: {
        CallRegisters registers = {.x1 = 3, .words = {any(shared_) | 1, any(shared_) | 2, notification_ | 1}};
        registers.deadline = soon();
        return {WAIT_ANY, std::move(registers)};
      }
      case 8: return {CHAN_SEND_BATCH, {.handle = some, .words = {1 + below(4)}, .deadline = soon()}};
      case 9: return {CHAN_RECV_BATCH, {.handle = some, .words = {1 + below(4)}, .deadline = soon()}};
      case 10: return {PORT_SEND_BATCH, {.handle = some, .words = {1 + below(4)}, .deadline = soon()}};
      case 11: return {below(2) == 0 ? CHAN_STATS : PORT_STATS, {.handle = some}};
      case 12: return {CHAN_SEND, gift(some)};
      case 13: return made_by({REGION_CREATE, {.words = {1}}});
      case 14:
        return below(2) == 0 ? NextCall{REGION_MAP, {.handle = mine, .words = {2}}}
                             : NextCall{HANDLE_INFO, {.handle = some}};
      default: return {SLEEP_UNTIL, {.deadline = soon()}};
    }
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::uint64_t soon() { return port::now().value() + 1 + below(600); }
  std::uint64_t any(const std::vector<std::uint64_t>& handles) {
    return handles.empty() ? 0 : handles[below(handles.size())];
  }
  /// A message that brings a copy of what it has of its own.
  CallRegisters gift(std::uint64_t channel) {
    return {.handle = channel,
            .flags = abi::kFlagTransfer,
            .words = {1, 2, ~std::uint64_t{0}, any(mine_)},
            .deadline = soon()};
  }
  NextCall made_by(NextCall call) {
    makes_ = true;
    return call;
  }
  std::uint64_t take_one() {
    if (mine_.empty()) return 0;
    const std::uint64_t first = mine_.front();
    mine_.erase(mine_.begin());
    return first;
  }
  void note(const std::uint64_t (&general)[31]) {
    const bool has_made = std::exchange(makes_, false);
    if (!std::exchange(has_begun_, true) || general[0] != 0) return;
    ++succeeded;
    if (has_made) mine_.push_back(general[3]);
  }

  std::vector<std::uint64_t> shared_;
  std::uint64_t notification_;
  std::uint64_t left_;
  std::minstd_rand random_;
  std::vector<std::uint64_t> mine_;
  bool makes_ = false, has_begun_ = false;
};

}  // namespace fakes
