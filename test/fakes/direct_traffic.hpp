// SPDX-License-Identifier: Apache-2.0
//
// Random traffic through ports, for one kernel: servers that call each other, clients, deaths, revokes, deadlines,
// floating point. What happens depends on the seed and on what silos can see, so two worlds with the same seed do the
// same for as long as silos cannot tell them apart. After each step the world records what can be seen then.
#pragma once

#include <array>
#include <random>

#include "test/fakes/both_ways.hpp"
#include "test/fakes/kernel_world.hpp"

namespace fakes {

class DirectTraffic : public KernelWorld {
 public:
  static constexpr std::uint64_t kInterrupt = 1001, kWait = 1002, kFault = 1003, kFloat = 1004;

  DirectTraffic(std::uint64_t seed, bool is_fast) : KernelWorld(kPages), random_(seed) {
    tries_fast_path = is_fast;
    quotas = {};
    make_servers();
    make_clients();
    make_ticker();
    start();
    see(0);
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
    pass(one_in(400) ? below(kTurn / 2) : below(30));
    settle();
    see(action_);
  }
  const std::vector<Sight>& sights() const { return sights_; }
  std::uint64_t direct() const { return gone_directly(); }
  std::string printed() { return console(); }
  /// Threads whose floating-point registers have held what they had not put there.
  unsigned leaks() const { return leaks_; }
  std::size_t deaths() const {
    std::size_t count = 0;
    for (const kernel::Thread* const thread : kernel::all_threads())
      count += thread->state() == kernel::ThreadState::Dead;
    return count;
  }

 private:
  static constexpr std::uint64_t kPages = 256;
  static constexpr unsigned kServers = 5, kClients = 6;
  enum class Role { Server, Client, Ticker };
  struct Group {
    std::vector<std::uint64_t> calls;     ///< handles by which it can call
    std::vector<std::uint64_t> copies;    ///< those that it has made itself
    std::vector<std::uint64_t> receives;  ///< handles by which it receives
  };
  struct Actor {
    kernel::Thread* thread;
    Role role;
    std::vector<std::uint64_t> tokens = {};
    abi::SystemCall pending = abi::SystemCall::NULL_CALL;
    std::uint64_t answered = 0;  ///< the token that it gave then
    std::uint64_t floating = 0;
    bool has_no_port = false;
    bool floats = false;  ///< it uses floating point all the time
  };

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(unsigned count) { return below(count) == 0; }
  template <typename T>
  const T& any(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  Group& group_of(const Actor& actor) { return groups_[actor.thread->silo().id.value()]; }
  Actor& actor_of(kernel::Thread& thread) {
    for (Actor& actor : actors_) {
      if (actor.thread == &thread) return actor;
    }
    ADD_FAILURE() << "nobody knows this thread";
    std::abort();
  }

  kernel::Thread& add_actor(base::SiloId silo, const std::string& name, std::uint8_t priority, Role role) {
    kernel::Thread& thread = add_thread(silo, name, priority);
    actors_.push_back({.thread = &thread, .role = role, .floats = actors_.size() % 3 == 2});
    return thread;
  }
  void make_servers() {
    for (unsigned i = 0; i < kServers; ++i) {
      const std::string name = "server" + std::to_string(i);
      const base::SiloId silo = add_silo(name);
      kernel::Thread& thread = add_actor(silo, name, static_cast<std::uint8_t>(6 + below(25)), Role::Server);
      if (i == 1) add_actor(silo, "second", static_cast<std::uint8_t>(6 + below(25)), Role::Server);
      ports_.push_back(add_port(thread, name));
      owners_.push_back(&thread);
    }
    for (unsigned i = 0; i < kServers; ++i) {
      using enum abi::Right;
      Group& group = groups_[owners_[i]->silo().id.value()];
      group.receives.push_back(
          grant(*owners_[i], abi::ObjectType::Port, ports_[i], {PortReceive, PortDestroy, Revoke, Duplicate}));
      group.receives.push_back(grant_port_server(*owners_[i], ports_[i]));
      add_calls(*owners_[i], i);
    }
  }
  /// To every port but the own one.
  void add_calls(const kernel::Thread& thread, unsigned own) {
    using enum abi::Right;
    for (unsigned i = 0; i < kServers; ++i) {
      if (i == own) continue;
      groups_[thread.silo().id.value()].calls.push_back(
          grant(thread, abi::ObjectType::Port, ports_[i], {PortSend, PortCall, Duplicate, Revoke}, 16 * own + i + 1));
    }
  }
  void make_clients() {
    for (unsigned i = 0; i < kClients; ++i) {
      const std::string name = "client" + std::to_string(i);
      const kernel::RateDescription rate = {.messages = i == 1 ? 200u : 0u, .bytes = 0, .burst = 1};
      const base::SiloId silo = add_silo(name, 64, rate);
      const auto priority = static_cast<std::uint8_t>(5 + below(4) * 5);
      kernel::Thread& thread = add_actor(silo, name, priority, Role::Client);
      if (i % 2 == 0) add_actor(silo, "second", static_cast<std::uint8_t>(5 + below(25)), Role::Client);
      add_calls(thread, kServers + i);
    }
  }
  void make_ticker() {
    ticker_ = &add_actor(add_silo("ticker"), "ticker", 40, Role::Ticker);
    Group& group = groups_[ticker_->silo().id.value()];
    for (unsigned i = 0; i < kServers; ++i)
      group.calls.push_back(grant(*ticker_, abi::ObjectType::Port, ports_[i], {abi::Right::PortSend}));
    trace_ = grant(*ticker_, abi::ObjectType::Trace, 0, {abi::Right::TraceControl});
    for (const Actor& actor : actors_)
      observed_.push_back(
          grant(*ticker_, abi::ObjectType::Silo, actor.thread->silo().id.value(), {abi::Right::SiloObserve}));
  }

  /// No two alike, so that who wakes first does not depend on who was queued first.
  std::uint64_t deadline() {
    if (one_in(100)) return one_in(2) ? 0 : clock() - 1;
    const std::uint64_t length = one_in(3) ? below(1'500) : below(40'000);
    return ((clock() + length) & ~std::uint64_t{0x3ff}) + 0x400 + (deadlines_++ & 0x3ff);
  }
  std::uint64_t flags() {
    if (one_in(4)) return abi::kFlagEightWords;
    return one_in(60) ? std::uint64_t{1} << below(12) : 0;
  }
  std::uint64_t spoiled(std::uint64_t handle) {
    if (!one_in(80)) return handle;
    return one_in(2) ? handle + (std::uint64_t{1} << 32) : handle ^ (std::uint64_t{1} << below(20));
  }

  void do_call(Actor& actor, abi::SystemCall number, CallRegisters registers) {
    registers.x1 = registers.x1 == 0 ? below(1000) : registers.x1;
    if (registers.words.empty()) {
      for (unsigned i = 0; i < 8; ++i) registers.words.push_back(below(1'000'000));
    }
    actor.pending = number;
    action_ = static_cast<std::uint64_t>(number);
    call(number, registers);
  }
  static std::uint64_t refused(base::Error error) { return static_cast<std::uint64_t>(minus(error)); }
  /// What the call that it made last has brought.
  void take_result(Actor& actor) {
    using enum abi::SystemCall;
    const std::uint64_t* const general = actor.thread->general;
    const abi::SystemCall number = std::exchange(actor.pending, NULL_CALL);
    const std::uint64_t answered = std::exchange(actor.answered, 0);
    if (general[0] != refused(base::Error::EBADF) && general[0] != refused(base::Error::EINVAL) &&
        general[0] != refused(base::Error::EPERM))
      std::erase(actor.tokens, answered);
    if (number == PORT_RECEIVE && general[0] == refused(base::Error::EPIPE)) actor.has_no_port = true;
    if (general[0] != 0) return;
    Group& group = group_of(actor);
    switch (number) {
      case PORT_RECEIVE:
      case PORT_TRY_RECEIVE:
      case PORT_REPLY_AND_RECEIVE:
        if (general[8] != 0) actor.tokens.push_back(general[8]);
        break;
      case HANDLE_DUPLICATE: group.copies.push_back(general[3]); break;
      default: break;
    }
  }

  void act(Actor& actor) {
    if (one_in(20)) return act_rarely(actor);
    if (actor.floats && one_in(4)) return use_floats(actor);
    switch (actor.role) {
      case Role::Server: return actor.tokens.empty() ? begin_to_serve(actor) : serve(actor);
      case Role::Client: return one_in(8) ? be_busy(actor) : make_call(actor);
      case Role::Ticker: return tick(actor);
    }
  }
  void begin_to_serve(Actor& actor) {
    using enum abi::SystemCall;
    if (actor.has_no_port) return one_in(50) ? do_call(actor, EXIT, {}) : make_call(actor);
    const std::uint64_t handle = spoiled(any(group_of(actor).receives));
    if (one_in(15)) return do_call(actor, PORT_TRY_RECEIVE, {.handle = handle});
    do_call(actor, PORT_RECEIVE, {.handle = handle, .deadline = one_in(8) ? deadline() : kForever});
  }
  void serve(Actor& actor) {
    using enum abi::SystemCall;
    const std::uint64_t choice = below(100);
    if (choice < 20) return make_call(actor);
    if (choice < 24 && actor.tokens.size() < 5)
      return do_call(actor, PORT_RECEIVE, {.handle = any(group_of(actor).receives), .deadline = deadline()});
    if (choice < 27) return be_busy(actor);
    const std::size_t place = one_in(6) ? below(actor.tokens.size()) : actor.tokens.size() - 1;
    const std::uint64_t token = actor.tokens[place] + (one_in(60) ? (one_in(2) ? 1 : -1) : 0);
    actor.answered = token;
    if (choice < 33) return do_call(actor, PORT_REPLY, {.flags = flags(), .token = token});
    const std::uint64_t handle = one_in(8) ? any(group_of(actor).receives) : group_of(actor).receives[0];
    do_call(
        actor, PORT_REPLY_AND_RECEIVE,
        {.handle = spoiled(handle), .flags = flags(), .deadline = one_in(6) ? deadline() : kForever, .token = token});
  }
  std::uint64_t any_call_handle(const Actor& actor) {
    const Group& group = groups_[actor.thread->silo().id.value()];
    return !group.copies.empty() && one_in(3) ? any(group.copies) : any(group.calls);
  }
  void make_call(Actor& actor) {
    do_call(actor, abi::SystemCall::PORT_CALL,
            {.handle = spoiled(any_call_handle(actor)),
             .flags = flags(),
             .deadline = actor.role == Role::Client && !one_in(3) ? kForever : deadline()});
  }
  void be_busy(Actor& actor) {
    using enum abi::SystemCall;
    const std::uint64_t handle = any_call_handle(actor);
    switch (below(6)) {
      case 0: return do_call(actor, YIELD, {});
      case 1: return do_call(actor, SLEEP_UNTIL, {.deadline = clock() + 1 + below(3000)});
      case 2: return do_call(actor, PORT_TRY_SEND, {.handle = handle, .flags = flags()});
      case 3: return do_call(actor, PORT_SEND, {.handle = handle, .flags = flags(), .deadline = deadline()});
      case 4: return do_call(actor, PORT_STATS, {.handle = handle});
      default: return do_call(actor, NULL_CALL, {});
    }
  }
  /// Keeps time going, and asks how the others are.
  void tick(Actor& actor) {
    using enum abi::SystemCall;
    switch (below(8)) {
      case 0: return do_call(actor, PORT_STATS, {.handle = any(group_of(actor).calls)});
      case 1: return do_call(actor, SILO_STATUS, {.handle = any(observed_)});
      case 2: return do_call(actor, PORT_TRY_SEND, {.handle = any(group_of(actor).calls)});
      case 3:
        if (!uses_traced_entries() && !one_in(4)) return tick(actor);
        return do_call(actor, TRACE_CONTROL, {.handle = trace_, .words = {uses_traced_entries() ? 0ull : 1ull}});
      default: return do_call(actor, SLEEP_UNTIL, {.deadline = clock() + 1 + below(20'000)});
    }
  }

  void act_rarely(Actor& actor) {
    using enum abi::SystemCall;
    const std::uint64_t choice = below(1000);
    Group& group = group_of(actor);
    if (choice < 50) return use_floats(actor);
    if (choice < 200) return void(action_ = kInterrupt), interrupt();
    if (choice < 250) return void(action_ = kWait), wait_instruction();
    if (choice < 260) return do_call(actor, HANDLE_INFO, {.handle = 0});
    if (actor.role == Role::Ticker) return tick(actor);
    if (choice < 500) return duplicate_or_close(actor, group);
    if (choice < 700) return do_call(actor, HANDLE_REVOKE, {.handle = any(group.calls)});
    if (choice < 960) return be_busy(actor);
    // What ends something for good.
    if (!one_in(3)) return be_busy(actor);
    if (choice < 970) return do_call(actor, EXIT, {});
    if (choice < 980) return void(action_ = kFault), fault(read_fault(choice));
    if (choice < 985) return do_call(actor, THREAD_EXIT, {});
    if (actor.role != Role::Server) return be_busy(actor);
    if (choice < 988) return do_call(actor, HANDLE_REVOKE, {.handle = group.receives[0]});
    if (choice < 992) return do_call(actor, HANDLE_CLOSE, {.handle = group.receives[1]});
    if (choice < 995) return do_call(actor, PORT_DESTROY, {.handle = group.receives[0]});
    do_call(actor, PORT_CALL_STATS, {.handle = group.receives[0], .words = {below(2)}});
  }
  void duplicate_or_close(Actor& actor, Group& group) {
    using enum abi::SystemCall;
    if (group.copies.size() < 4) {
      const std::uint64_t keep =
          static_cast<std::uint64_t>(abi::Right::PortSend) | static_cast<std::uint64_t>(abi::Right::PortCall);
      return do_call(actor, HANDLE_DUPLICATE, {.handle = any(group.calls), .words = {keep}});
    }
    const std::uint64_t handle = group.copies.front();
    group.copies.erase(group.copies.begin());
    do_call(actor, HANDLE_CLOSE, {.handle = handle});
  }
  void use_floats(Actor& actor) {
    action_ = kFloat;
    use_floating_point();
    port::FloatingPointState& registers = floating_point_registers();
    for (const std::uint64_t word : registers.vector) leaks_ += word != actor.floating;
    leaks_ += registers.control != actor.floating || registers.status != actor.floating;
    actor.floating = random_();
    for (std::uint64_t& word : registers.vector) word = actor.floating;
    registers.control = registers.status = actor.floating;
  }

  /// On the machine an interrupt that is due does not wait for the next call.
  void settle() {
    for (unsigned i = 0; !armed_timer().is_forever() && armed_timer() <= base::Ticks(clock()); ++i) {
      ASSERT_LT(i, 1000u) << "the timer does not stop";
      interrupt();
    }
  }
  void see(std::uint64_t action) { sights_.push_back(sight_of(running(), action, clock())); }

  std::mt19937_64 random_;
  std::vector<Actor> actors_;
  std::map<std::uint32_t, Group> groups_;
  std::vector<std::uint32_t> ports_;
  std::vector<kernel::Thread*> owners_;
  std::vector<std::uint64_t> observed_;
  kernel::Thread* ticker_ = nullptr;
  std::uint64_t trace_ = 0;
  std::vector<Sight> sights_;
  std::uint64_t action_ = 0;
  std::uint64_t deadlines_ = 0;
  unsigned leaks_ = 0;
};

}  // namespace fakes
