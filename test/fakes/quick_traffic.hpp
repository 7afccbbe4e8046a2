// SPDX-License-Identifier: Apache-2.0
//
// Random traffic through every kind of object that quick calls know, for one kernel: messages one by one and in
// batches, events, timers, bindings, deadlines, capabilities in messages, deaths, revokes. What happens depends on the
// seed and on what silos can see, so two worlds with the same seed do the same for as long as silos cannot tell them
// apart. After each step the world records what can be seen then.
#pragma once

#include "kernel/direct_call.hpp"
#include "test/fakes/both_ways.hpp"
#include "test/fakes/quick_population.hpp"

namespace fakes {

class QuickTraffic : public QuickPopulation {
 public:
  QuickTraffic(std::uint64_t seed, bool is_fast) : QuickPopulation(seed) {
    tries_fast_path = is_fast;
    start();
    see();
  }
  void TestBody() override {}

  void step() {
    Actor& actor = actor_of(running());
    take_result(actor);
    running().thread_pointer = random_();
    running().stack_pointer = random_() & ~15ull;
    running().program_counter += 4;
    action_ = 0;
    act(actor);
    pass(one_in(30) ? below(kTurn) : below(30));
    settle();
    see();
  }
  const std::vector<Sight>& sights() const { return sights_; }
  std::string printed() { return console(); }
  /// What the kernel would tell whoever asked now, of every silo and thread.
  std::vector<std::uint64_t> totals() {
    interrupt();  // it catches up with the fast path
    std::vector<std::uint64_t> all;
    for (const kernel::Silo* const silo : kernel::silos()) {
      const kernel::DirectCallCounts direct = kernel::direct_call_counts(*silo);
      all.insert(all.end(), {silo->messages_sent + direct.sent, silo->messages_received + direct.received,
                             silo->refused_calls, silo->live_threads()});
    }
    for (const kernel::Thread* const thread : kernel::all_threads())
      all.insert(all.end(),
                 {static_cast<std::uint64_t>(thread->state()), static_cast<std::uint64_t>(thread->waiting.load()),
                  thread->effective_priority().value(), sum_of(thread->message_page())});
    return all;
  }
  /// Threads whose floating-point registers have held what they had not put there.
  unsigned leaks() const { return leaks_; }
  std::size_t deaths() const {
    return static_cast<std::size_t>(std::ranges::count_if(kernel::all_threads(), [](const kernel::Thread* thread) {
      return thread->state() == kernel::ThreadState::Dead;
    }));
  }
  using KernelWorld::gone_quickly;

 private:
  static constexpr std::uint64_t kInterrupt = 1001, kWaitInstruction = 1002, kFault = 1003, kFloat = 1004;

  // What they say.

  /// No two alike, so that who wakes first does not depend on who was queued first.
  std::uint64_t finite() {
    if (one_in(20)) return clock() - 1;
    const std::uint64_t length = one_in(8) ? below(2 * kTurn) : below(1'000);
    return ((clock() + length) & ~std::uint64_t{0x3ff}) + 0x400 + (deadlines_++ & 0x3ff);
  }
  std::uint64_t deadline() { return one_in(2) ? (one_in(4) ? 0 : finite()) : kForever; }
  std::uint64_t flags() {
    if (one_in(3)) return abi::kFlagEightWords;
    return one_in(60) ? std::uint64_t{1} << below(12) : 0;
  }
  std::uint64_t some_bits() { return one_in(60) ? 0 : std::uint64_t{1} << below(one_in(10) ? 64 : 4); }

  void make_call(Actor& actor, Call number, CallRegisters registers) {
    registers.x1 = registers.x1 == 0 ? below(1'000) : registers.x1;
    while (registers.words.size() < 8) registers.words.push_back(below(1'000'000));
    actor.pending = number;
    actor.handle = registers.handle;
    actor.word = registers.words[0];
    action_ = static_cast<std::uint64_t>(number);
    call(number, registers);
  }
  /// A message, which now and then brings something along.
  void send(Actor& actor, Call number, std::uint64_t handle, std::uint64_t token = 0) {
    const Group& group = group_of(actor);
    const std::uint64_t until = number == Call::PORT_CALL && !one_in(4) ? finite() : deadline();
    if (!one_in(30)) return make_call(actor, number, {handle, 0, flags(), {}, until, token});
    const bool is_port = one_in(2);
    const std::uint64_t gift = any(is_port ? group.ports : group.channels);
    make_call(actor, number,
              {handle,
               0,
               abi::kFlagTransfer,
               {1, 2, bit(is_port ? Right::PortSend : Right::ChannelReceive), gift},
               until,
               token});
  }
  void batch(Actor& actor, Call number, std::uint64_t handle) {
    abi::MessagePage& page = actor.thread->message_page();
    for (unsigned i = 0; i < 16 && !one_in(8); ++i) {
      abi::MessageEntry& entry = page.entry[i];
      entry.opcode = random_();
      entry.flags = one_in(40) ? below(6) : below(2);
      for (std::uint64_t& word : entry.word) word = random_();
      entry.badge = entry.token = entry.label = entry.reserved[0] = random_();
    }
    const std::uint64_t count = one_in(40) ? below(20) : 1 + below(one_in(2) ? 16 : 4);
    make_call(actor, number, {.handle = handle, .words = {count}, .deadline = deadline()});
  }
  static std::uint64_t sum_of(const abi::MessagePage& page) {
    std::uint64_t words[sizeof page / 8], sum = 0;
    std::memcpy(words, &page, sizeof page);
    for (const std::uint64_t word : words) sum = (sum ^ word) * 0x100000001b3;
    return sum;
  }

  /// What the call that it made last has brought.
  void take_result(Actor& actor) {
    const std::uint64_t* const general = actor.thread->general;
    const Call number = std::exchange(actor.pending, Call::NULL_CALL);
    const std::uint64_t answered = std::exchange(actor.answered, 0);
    if (answered != 0 && general[0] != static_cast<std::uint64_t>(minus(base::Error::EBADF)))
      std::erase(actor.tokens, answered);
    if (general[0] != 0) return;
    Group& group = group_of(actor);
    if (number == Call::HANDLE_DUPLICATE) group.copies.push_back(general[3]);
    if (number == Call::TIMER_CREATE) group.timers.push_back(general[3]);
    if (number == Call::PORT_RECEIVE_BATCH) {
      for (unsigned i = 0; i < general[3]; ++i) note_token(actor, actor.thread->message_page().entry[i].token);
    }
    if (!is_receive(number)) return;
    note_token(actor, general[8]);
    if ((general[2] & abi::kFlagTransfer) != 0)
      group.gifts.push_back(general[(general[2] & abi::kFlagEightWords) != 0 ? 12 : 6]);
  }
  static void note_token(Actor& actor, std::uint64_t token) {
    if (token != 0) actor.tokens.push_back(token);
  }
  static bool is_receive(Call number) {
    return number == Call::PORT_RECEIVE || number == Call::PORT_TRY_RECEIVE || number == Call::CHAN_RECV ||
           number == Call::CHAN_TRY_RECV || number == Call::PORT_REPLY_AND_RECEIVE || number == Call::ASYNC_RECEIVE;
  }

  // What they do.

  void act(Actor& actor) {
    if (one_in(25)) return act_rarely(actor);
    if (actor.thread->index_in_silo() == 1 && one_in(6)) return use_floats(actor);
    if (actor.is_ticker && one_in(3))
      return make_call(actor, Call::SLEEP_UNTIL, {.deadline = clock() + 1 + below(2'000)});
    if (!actor.tokens.empty() && !one_in(4)) return answer(actor);
    // The ticker waits for nothing else: then somebody always goes on.
    using enum abi::SystemCall;
    const Group& group = group_of(actor);
    if (one_in(actor.is_ticker ? 2 : 5)) return help(actor, one_that_waits());
    if (actor.serves && one_in(2)) return receive(actor, group);
    switch (actor.is_ticker || actor.serves ? below(14) : below(30)) {
      case 0: return send(actor, CHAN_TRY_SEND, any(group.channels));
      case 1: return make_call(actor, CHAN_TRY_RECV, {.handle = any(group.channels)});
      case 2: return send(actor, PORT_TRY_SEND, any(group.ports));
      case 3:
      case 4: return send(actor, ASYNC_SEND, any(group.asyncs));
      case 5: return make_call(actor, ASYNC_TRY_RECEIVE, {.handle = any(group.async_receives)});
      case 6:
      case 7: return make_call(actor, NOTIFICATION_SIGNAL, {.handle = any(group.signals), .words = {some_bits()}});
      case 8:
      case 9: return make_call(actor, SEMAPHORE_POST, {.handle = any(group.semaphores)});
      case 10: return make_call(actor, SEMAPHORE_TRY_WAIT, {.handle = any(group.semaphores)});
      case 11: return batch(actor, ASYNC_SEND_BATCH, any(group.asyncs));
      case 12:
      case 13: return look(actor, group);
      case 14:
      case 15: return send(actor, CHAN_SEND, any(group.channels));
      case 16:
      case 17: return make_call(actor, CHAN_RECV, {.handle = any(group.channels), .deadline = deadline()});
      case 18: return send(actor, PORT_SEND, any(group.ports));
      case 19: return one_in(2) ? send(actor, PORT_CALL, any(group.ports)) : batches(actor, group);
      case 20: return make_call(actor, ASYNC_RECEIVE, {.handle = any(group.async_receives), .deadline = deadline()});
      case 21:
      case 22: return wait_for_bits(actor, group);
      case 23: return make_call(actor, SEMAPHORE_WAIT, {.handle = any(group.semaphores), .deadline = deadline()});
      case 24:
      case 25: return batches(actor, group);
      case 26: return wait_for_any(actor, group);
      case 27: return one_in(4) ? make_call(actor, SLEEP_UNTIL, {.deadline = finite()}) : make_call(actor, YIELD, {});
      default: return group.receives.empty() ? wait_for_bits(actor, group) : receive(actor, group);
    }
  }
  void receive(Actor& actor, const Group& group) {
    using enum abi::SystemCall;
    if (one_in(8)) return batch(actor, PORT_RECEIVE_BATCH, any(group.receives));
    make_call(actor, one_in(5) ? PORT_TRY_RECEIVE : PORT_RECEIVE,
              {.handle = any(group.receives), .deadline = deadline()});
  }
  /// Does what the other one may be waiting for.
  void help(Actor& actor, const Actor& other) {
    using enum abi::SystemCall;
    const Group& theirs = group_of(other);
    const Group& group = group_of(actor);
    switch (other.pending) {
      case CHAN_SEND:
      case CHAN_SEND_BATCH:
        return make_call(actor, CHAN_TRY_RECV, {.handle = same(theirs.channels, other.handle, group.channels)});
      case CHAN_RECV:
      case CHAN_RECV_BATCH: return send(actor, CHAN_TRY_SEND, same(theirs.channels, other.handle, group.channels));
      case ASYNC_RECEIVE:
      case ASYNC_RECEIVE_BATCH: return send(actor, ASYNC_SEND, any(group.asyncs));
      case NOTIFICATION_WAIT:
        return make_call(actor, NOTIFICATION_SIGNAL,
                         {.handle = same(theirs.waits, other.handle, group.signals), .words = {other.word}});
      case SEMAPHORE_WAIT:
        return make_call(actor, SEMAPHORE_POST, {.handle = same(theirs.semaphores, other.handle, group.semaphores)});
      case PORT_RECEIVE:
      case PORT_RECEIVE_BATCH:
      case PORT_REPLY_AND_RECEIVE: return send(actor, PORT_TRY_SEND, any(group.ports));
      default: return one_in(4) ? look(actor, group) : make_call(actor, NULL_CALL, {});
    }
  }
  const Actor& one_that_waits() {
    for (unsigned tries = 0; tries < 20; ++tries) {
      const Actor& actor = actors_[below(actors_.size())];
      if (actor.pending != Call::NULL_CALL) return actor;
    }
    return actors_.back();
  }
  /// The handle to what another one has a handle to; the ticker has one of each end.
  std::uint64_t same(const Handles& theirs, std::uint64_t handle, const Handles& own) {
    const std::size_t place = static_cast<std::size_t>(std::ranges::find(theirs, handle) - theirs.begin());
    const std::size_t places = theirs.size();
    if (place == places || place >= own.size()) return any(own);
    return own[own.size() == 2 * places && one_in(2) ? place + places : place];
  }
  void answer(Actor& actor) {
    const Group& group = group_of(actor);
    actor.answered = actor.tokens[below(actor.tokens.size())];
    if (one_in(3) || group.receives.empty()) return send(actor, Call::PORT_REPLY, 0, actor.answered);
    send(actor, Call::PORT_REPLY_AND_RECEIVE, group.receives[0], actor.answered);
  }
  void wait_for_bits(Actor& actor, const Group& group) {
    const std::uint64_t mask = one_in(4) ? 0xff : some_bits();
    make_call(actor, Call::NOTIFICATION_WAIT, {.handle = any(group.waits), .words = {mask}, .deadline = deadline()});
  }
  void batches(Actor& actor, const Group& group) {
    using enum abi::SystemCall;
    switch (below(6)) {
      case 0: return batch(actor, CHAN_SEND_BATCH, any(group.channels));
      case 1: return batch(actor, CHAN_RECV_BATCH, any(group.channels));
      case 2: return batch(actor, PORT_SEND_BATCH, any(group.ports));
      case 3: return batch(actor, ASYNC_SEND_BATCH, any(group.asyncs));
      case 4: return batch(actor, ASYNC_RECEIVE_BATCH, any(group.async_receives));
      default: return batch(actor, PORT_RECEIVE_BATCH, any(group.receives));
    }
  }
  /// A handle with events that one can wait for through it.
  std::uint64_t place_of(const Group& group) {
    const std::uint64_t readable = one_in(40) ? below(5) : 1;
    switch (below(group.receives.empty() ? 5 : 6)) {
      case 0: return any(group.channels) | (1 + below(3));
      case 1: return any(group.async_receives) | readable;
      case 2: return any(group.waits) | readable;
      case 3: return any(group.semaphores) | readable;
      case 4: return any(group.ports) | 2;
      default: return any(group.receives) | readable;
    }
  }
  void wait_for_any(Actor& actor, const Group& group) {
    Handles places;
    do places.push_back(place_of(group));
    while (places.size() < 4 && one_in(2));
    const std::uint64_t count = places.size() + (one_in(60) ? 9 : 0);
    make_call(actor, Call::WAIT_ANY, {.x1 = count, .words = std::move(places), .deadline = deadline()});
  }
  void look(Actor& actor, const Group& group) {
    using enum abi::SystemCall;
    if (actor.is_ticker && one_in(5)) return make_call(actor, SILO_STATUS, {.handle = any(observed_)});
    if (actor.is_ticker && one_in(5)) return make_call(actor, AUDIT_READ, {.handle = audit_});
    switch (below(4)) {
      case 0: return make_call(actor, PORT_STATS, {.handle = any(group.ports)});
      case 1: return make_call(actor, CHAN_STATS, {.handle = any(group.channels)});
      case 2: return make_call(actor, ASYNC_STATS, {.handle = any(group.asyncs)});
      default: return make_call(actor, HANDLE_INFO, {.handle = any(group.any_kind(random_()))});
    }
  }
  void act_rarely(Actor& actor) {
    using enum abi::SystemCall;
    Group& group = group_of(actor);
    const std::uint64_t choice = below(1000);
    const std::uint64_t something = any(group.any_kind(random_()));
    if (choice < 20) return use_floats(actor);
    if (choice < 100) return action_ = kInterrupt, interrupt();
    if (choice < 150) return action_ = kWaitInstruction, wait_instruction();
    if (choice < 300) return copy_or_close(actor, group);
    if (choice < 380) return make_call(actor, HANDLE_REVOKE, {.handle = something});
    if (choice < 500) return set_timer(actor, group);
    const std::uint64_t place = place_of(group);
    if (choice < 600)
      return make_call(actor, BIND, {.handle = place & ~3ull, .words = {any(group.signals), some_bits(), place & 3}});
    if (choice < 800) return make_call(actor, UNBIND, {.handle = place & ~3ull, .words = {any(group.signals)}});
    if (actor.is_ticker) {
      if (choice < 950 && !uses_traced_entries()) return look(actor, group);
      return make_call(actor, TRACE_CONTROL, {.handle = trace_, .words = {uses_traced_entries() ? 0ull : 1ull}});
    }
    // What ends something for good.
    if (choice < 940 || !one_in(3)) return look(actor, group);
    if (choice < 950) return make_call(actor, HANDLE_CLOSE, {.handle = something});
    if (choice < 955) return make_call(actor, CHAN_CLOSE, {.handle = any(group.channels)});
    if (choice < 960) return make_call(actor, ASYNC_CLOSE, {.handle = any(group.async_receives)});
    if (choice < 970 && one_in(2)) return make_call(actor, EXIT, {});
    if (choice < 980 && one_in(2)) return action_ = kFault, fault(read_fault(choice));
    if (choice < 985) return make_call(actor, THREAD_EXIT, {});
    if (choice < 990) return make_call(actor, PORT_DESTROY, {.handle = any(group.receives)});
    make_call(actor, PORT_CALL_STATS, {.handle = any(group.receives), .words = {below(2)}});
  }
  void use_floats(Actor& actor) {
    action_ = kFloat;
    use_floating_point();
    port::FloatingPointState& registers = floating_point_registers();
    for (const std::uint64_t word : registers.vector) leaks_ += word != actor.floating;
    actor.floating = random_();
    for (std::uint64_t& word : registers.vector) word = actor.floating;
  }
  void set_timer(Actor& actor, const Group& group) {
    using enum abi::SystemCall;
    if (group.timers.size() < 2)
      return make_call(actor, TIMER_CREATE, {.handle = 0, .words = {any(group.signals), some_bits()}});
    if (one_in(3)) return make_call(actor, TIMER_CANCEL, {.handle = any(group.timers)});
    const std::uint64_t period = one_in(2) ? 0 : 3'125 + below(kTurn);
    make_call(actor, TIMER_SET, {.handle = any(group.timers), .words = {finite(), period}});
  }
  void copy_or_close(Actor& actor, Group& group) {
    Handles& spare = group.gifts.size() > 2 ? group.gifts : group.copies;
    if (spare.size() < 4)
      return make_call(actor, Call::HANDLE_DUPLICATE,
                       {.handle = any(group.any_kind(random_())), .words = {~std::uint64_t{0} << (one_in(4) ? 0 : 4)}});
    const std::uint64_t handle = spare.front();
    spare.erase(spare.begin());
    make_call(actor, Call::HANDLE_CLOSE, {.handle = handle});
  }

  /// On the machine an interrupt that is due does not wait for the next call.
  void settle() {
    for (unsigned i = 0; !armed_timer().is_forever() && armed_timer() <= base::Ticks(clock()); ++i) {
      ASSERT_LT(i, 1000u) << "the timer does not stop";
      interrupt();
    }
  }
  void see() { sights_.push_back(sight_of(running(), action_, clock(), sum_of(running().message_page()))); }

  std::vector<Sight> sights_;
  std::uint64_t action_ = 0;
  std::uint64_t deadlines_ = 0;
  unsigned leaks_ = 0;
};

}  // namespace fakes
