// SPDX-License-Identifier: Apache-2.0
//
// Nobody can tell whether cores talk to each other beside others or in shared sections: the same random calls, sends,
// receives and replies of six threads on two cores, once with the short forms and once the long way for everything.
// After each step the same threads run, with the same registers, and wait for the same. No two threads of a core have
// one priority, so that no timer is set and time stands still.
// GRANARY_PROPERTY_STEPS: how many steps.
#include "test/fakes/host_prelude.hpp"

#include <algorithm>
#include <map>
#include <random>

#include "kernel/objects.hpp"
#include "test/fakes/both_ways.hpp"
#include "test/fakes/two_cores.hpp"

namespace {

using abi::SystemCall;
using kernel::Thread;

constexpr std::uint64_t kRound = 2'000;

/// All that can be seen of the threads, and of the ports.
using Sight = std::vector<std::uint64_t>;
constexpr std::ptrdiff_t kPlaces = 19 + 8;  ///< of a thread: registers, then what look() adds

class Traffic : public fakes::TwoCores {
 public:
  Traffic(std::uint64_t seed, bool is_quick) : random_(seed) {
    takes_short_forms = is_quick;
    for (unsigned core = 0; core < 2; ++core) {
      threads_.push_back(&add_program_on(core, core == 0 ? "server0" : "server1", 30));
      threads_.push_back(&add_program_on(core, core == 0 ? "one0" : "one1", 40));
      threads_.push_back(&add_program_on(core, core == 0 ? "two0" : "two1", 10));
      const std::uint32_t port = add_port(*threads_[3 * core], core == 0 ? "port0" : "port1");
      own_[core] = grant_port_server(*threads_[3 * core], port);
      ports_.push_back(port);
    }
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      for (const std::uint32_t port : ports_) to_[i].push_back(grant_port_client(*threads_[i], port, 10 * i + port));
    }
    start_both();
  }
  ~Traffic() override = default;
  void TestBody() override {}

  void step() {
    // A signal comes before the next instruction of a thread, as long as the other core has taken to send it.
    const std::uint32_t core = below(2);
    last_ = "mail of core " + std::to_string(core);
    if (!deliver(core) && running_on(core) != nullptr) call_by_random(*running_on(core));
    look();
  }
  const std::vector<Sight>& sights() const { return sights_; }
  const std::string& last() const { return last_; }
  /// How often each call was done quickly, by its number; 0: mail was read.
  const std::map<std::uint64_t, std::uint64_t>& quick() const { return short_forms; }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::size_t place_of(const Thread& thread) const {
    return static_cast<std::size_t>(std::find(threads_.begin(), threads_.end(), &thread) - threads_.begin());
  }

  void call_by_random(Thread& thread) {
    const std::size_t place = place_of(thread);
    const std::uint32_t core = thread.ipc::Party::core;
    fakes::CallRegisters registers;
    registers.words = {random_(), random_(), random_(), random_()};
    registers.x1 = below(1000);
    registers.flags = below(8) == 0 ? 1 : below(40) == 0 ? 2 : 0;
    registers.deadline = below(12) == 0 ? abi::kDeadlineDoNotBlock : kForever;
    registers.handle = to_[place][below(2)];
    static constexpr SystemCall kServers[] = {SystemCall::PORT_REPLY_AND_RECEIVE,
                                              SystemCall::PORT_REPLY_AND_RECEIVE,
                                              SystemCall::PORT_REPLY_AND_RECEIVE,
                                              SystemCall::PORT_RECEIVE,
                                              SystemCall::PORT_RECEIVE,
                                              SystemCall::PORT_TRY_RECEIVE,
                                              SystemCall::PORT_REPLY,
                                              SystemCall::PORT_SEND,
                                              SystemCall::PORT_TRY_SEND,
                                              SystemCall::PORT_CALL,
                                              SystemCall::ABI_VERSION};
    static constexpr SystemCall kClients[] = {SystemCall::PORT_CALL, SystemCall::PORT_CALL, SystemCall::PORT_SEND,
                                              SystemCall::PORT_TRY_SEND, SystemCall::ABI_VERSION};
    const bool is_server = place % 3 == 0;
    const SystemCall number = is_server ? kServers[below(std::size(kServers))] : kClients[below(std::size(kClients))];
    const bool receives = number == SystemCall::PORT_REPLY_AND_RECEIVE || number == SystemCall::PORT_RECEIVE ||
                          number == SystemCall::PORT_TRY_RECEIVE;
    if (receives) registers.handle = own_[core];
    if (is_server) registers.token = some_token(thread);
    last_ = std::string(thread.name()) + ": call " + std::to_string(static_cast<std::uint64_t>(number)) +
            ", deadline " + std::to_string(registers.deadline) + ", flags " + std::to_string(registers.flags);
    call_by(thread, number, registers);
  }
  /// Mostly one that is owed.
  std::uint64_t some_token(Thread& thread) {
    std::vector<std::uint64_t> owed;
    for (const ipc::OwedReplies::Record& record : thread.owed) {
      if (record.token != 0) owed.push_back(record.token);
    }
    const std::uint32_t which = below(16);
    return owed.empty() || which == 0 ? which : owed[which % owed.size()];
  }
  void look() {
    Sight sight;
    for (const Thread* const thread : threads_) {
      sight.insert(sight.end(), thread->general, thread->general + 19);
      sight.push_back(static_cast<std::uint64_t>(thread->state()));
      sight.push_back(static_cast<std::uint64_t>(thread->blocked_on()));
      sight.push_back(static_cast<std::uint64_t>(thread->waiting.load()));
      sight.push_back(thread->owed.count());
      sight.push_back(thread->effective_priority().value());
      sight.push_back(thread->silo().messages_sent + thread->messages_sent_abroad);
      sight.push_back(thread->silo().messages_received);
      sight.push_back(thread->silo().refused_calls);
    }
    for (std::uint32_t core = 0; core < 2; ++core)
      sight.push_back(running_on(core) == nullptr ? 99 : place_of(*running_on(core)));
    sights_.push_back(std::move(sight));
  }

  std::mt19937_64 random_;
  std::vector<Thread*> threads_;
  std::vector<std::uint32_t> ports_;
  std::uint64_t own_[2] = {};
  std::map<std::size_t, std::vector<std::uint64_t>> to_;
  std::vector<Sight> sights_;
  std::string last_;
};

TEST(VisitProperty, F1_nobody_can_tell_whether_cores_talk_beside_others) {
  const std::uint64_t all = fakes::wanted_property_steps() / 4;
  std::map<std::uint64_t, std::uint64_t> quick;
  for (std::uint64_t done = 0, seed = 1; done < all && !HasFailure(); done += kRound, ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::vector<Sight> slow;
    {
      Traffic world(seed, false);
      for (std::uint64_t step = 0; step < kRound; ++step) world.step();
      slow = world.sights();
      ASSERT_TRUE(world.quick().empty());
    }
    Traffic world(seed, true);
    for (std::uint64_t step = 0; step < kRound; ++step) {
      world.step();
      const Sight& sight = world.sights().back();
      const auto differs = std::mismatch(sight.begin(), sight.end(), slow[step].begin());
      ASSERT_TRUE(differs.first == sight.end())
          << "step " << step << ": " << *differs.first << ", the long way " << *differs.second << ", at place "
          << (differs.first - sight.begin()) % kPlaces << " of thread " << (differs.first - sight.begin()) / kPlaces
          << "; " << world.last();
    }
    for (const auto& [number, count] : world.quick()) quick[number] += count;
  }
  for (const SystemCall number : {SystemCall::PORT_CALL, SystemCall::PORT_SEND, SystemCall::PORT_TRY_SEND,
                                  SystemCall::PORT_REPLY, SystemCall::PORT_REPLY_AND_RECEIVE})
    EXPECT_GT(quick[static_cast<std::uint64_t>(number)], all / 1'000) << "call " << static_cast<std::uint64_t>(number);
  EXPECT_GT(quick[0], all / 100) << "mail that is read beside others";
}

}  // namespace
