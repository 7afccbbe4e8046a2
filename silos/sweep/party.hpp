// SPDX-License-Identifier: Apache-2.0
//
// What both parties are made of: the loop of orders, and Script, by which a script's calls are made and judged.
#pragma once

#include "board.hpp"

namespace sweep {

/// One run of a script. Its calls wait for ever in the party's first try: nothing but the kernel ends such a wait. A
/// party that was restarted in the middle does the script again, with deadlines, for those who still wait for it.
class Script {
 public:
  Script(Board& board, Part& part, bool again)
      : part_(part),
        death_(board.death.load()),
        again_(again),
        start_(again ? detail::counter_now() : board.start.load()) {}

  Deadline until() const { return again_ ? Deadline::from_ticks(detail::counter_now() + kPatience) : forever; }
  void note_taken() { part_.taken.fetch_add(1); }
  void note_answered() { part_.answered.fetch_add(1); }
  /// For who is to come second.
  void come_later() const { granary_sleep_until(start_ + kLater); }
  /// Notes the outcome: true if it succeeded. It may fail because the peer has died, and by `also`.
  template <typename T, typename... Errors>
  bool did(const Result<T>& outcome, Errors... also) {
    part_.steps.fetch_add(1);
    if (outcome.ok()) return true;
    const Error error = outcome.error();
    const bool is_final = death_ == Death::Final || death_ == Death::Either;
    const bool is_restart = death_ == Death::Restart || death_ == Death::Either;
    const bool may_be = (is_final && error == kPeerGone) || (is_restart && error == kPeerRestarted) ||
                        (again_ && (error == kTimedOut || error == kPeerGone || error == kPeerRestarted)) ||
                        (death_ != Death::Nobody && ((error == also) || ...));
    if (!may_be) blame(-error.number());
    return false;
  }
  /// The same for a call that the script wants to fail: with one of `errors`, or because the peer has died first.
  template <typename T, typename... Errors>
  void is_refused(const Result<T>& outcome, Errors... errors) {
    if (outcome.ok()) {
      part_.steps.fetch_add(1);
      if (death_ == Death::Nobody) blame(kWrongContent);
    } else if (!((outcome.error() == errors) || ...)) {
      static_cast<void>(did(outcome));
    }
  }
  /// Of what was received. Who is restarted begins anew, so what it says then is not what was waited for.
  bool holds(bool condition) {
    if (!condition && (death_ == Death::Nobody || death_ == Death::Final)) blame(kWrongContent);
    return condition;
  }
  /// What a script has made or been given is closed at its end, also if that comes early.
  template <typename T>
  T keep(T handle) {
    kept_[kept_count_++] = handle;
    return handle;
  }
  ~Script() {
    for (unsigned i = 0; i < kept_count_; ++i) kept_[i].close().ignore();
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

 private:
  static constexpr std::uint64_t kPatience = 40'000;  // ticks
  static constexpr std::uint64_t kLater = 2'500;

  void blame(std::int64_t status) {
    if (part_.bad.load() != 0) return;
    part_.bad_step.store(part_.steps.load());
    part_.bad.store(status);
  }

  Part& part_;
  const Death death_;
  const bool again_;
  const std::uint64_t start_;
  Handle kept_[4];
  unsigned kept_count_ = 0;
};

/// Everything that its quota permits (sweep.toml), made and closed: what a death has not given back is missing.
inline void use_up_quotas(Script& script) {
  constexpr unsigned kEach = 2;
  for (unsigned i = 0; i < kEach; ++i) {
    const auto port = Port::create();
    if (script.did(port)) script.keep(*port);
  }
  script.holds(!Port::create().ok());
  {
    const auto ends = Channel::create(4);
    if (script.did(ends)) ends->first.close().ignore(), ends->second.close().ignore();
  }
  {
    const auto semaphore = Semaphore::create(0);
    if (script.did(semaphore)) script.keep(*semaphore);
    script.holds(!Semaphore::create(0).ok());
  }
  {
    const auto region = Region::create(2);
    if (!script.did(region)) return;
    const auto memory = script.keep(*region).map(read_write);
    if (!script.did(memory)) return;
    script.holds(!region->map(read_write).ok());  // mapped_pages: these, and the board's
    for (const std::byte byte : memory->subspan(0, 64)) script.holds(byte == std::byte{0});
  }
}

/// The loop of a party: drains what earlier rounds have left to it, waits for the common instant, does its script.
template <typename Drain, typename Run>
[[noreturn]] void obey(Board& board, Party who, Notification orders, Drain drain, Run run) {
  Part& part = board.part[static_cast<unsigned>(who)];
  const State before = part.state.load();
  bool again = before == State::Ready || before == State::Busy;
  part.state.store(State::Busy);
  part.lives.fetch_add(1);
  for (;;) {
    if (!again) {
      part.state.store(State::Idle);
      orders.wait().value();
      drain();
      part.steps.store(0);
      part.bad.store(0);
      part.state.store(State::Ready);
      granary_sleep_until(board.start.load());
      part.state.store(State::Busy);
    }
    {
      Script script(board, part, again);
      run(script, board.operation.load());
    }
    again = false;
    part.finished.store(detail::counter_now());
  }
}

/// The party's other thread, by which it ends itself: more urgent than its main thread, it faults at the instant that
/// the warden has set, wherever that one is then. `board` is mapped by the main thread, long before anybody lights a
/// fuse.
[[noreturn]] inline void burn(Board* const& board, Party who, Notification fuse) {
  for (;;) {
    fuse.wait().value();
    granary_sleep_until(board->part[static_cast<unsigned>(who)].fault_at.load());
    std::uint64_t nowhere = 8;
    asm volatile("" : "+r"(nowhere));
    // SAFETY: none: page 0 is never mapped, so this ends the silo.
    *reinterpret_cast<volatile std::uint32_t*>(nowhere) = 1;
  }
}

inline Board& map_board(const Region& region) {
  // SAFETY: the region is a page, the kernel zeroes it once, and all who map it agree on what it is.
  return *reinterpret_cast<Board*>(region.map(read_write).value().data());
}

/// A capability that came with a message that nobody wants any more.
inline void drop(const Capability& carried) {
  if (carried) Handle(carried.handle).close().ignore();
}

}  // namespace sweep
