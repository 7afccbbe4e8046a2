// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of ports.
#include "test/fakes/objects_world.hpp"

#include <deque>

namespace kernel {
namespace {

using abi::Right;
using base::Error;
using ipc::Blocking;
using ipc::Outcome;
using ipc::Waiting;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

struct PortObjects : fakes::ObjectsWorld {};

TEST_F(PortObjects, a_port_has_every_right_and_is_charged_until_its_last_capability_goes) {
  Silo& silo = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), silo).value();
  const Capability& capability = *silo.capabilities.lookup(handle).value();
  EXPECT_EQ(capability.rights, rights_of_type(abi::ObjectType::Port));
  EXPECT_EQ(&port_of(capability).owner, &silo);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 1u);
  EXPECT_EQ(object_counts(fakes::unlocked()).messages.reserved, before.messages.reserved + 16);
  const std::uint64_t second = duplicate(silo, handle, bit(Right::PortSend));
  close(silo, handle);
  finish();
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 1u);
  close(silo, second);
  finish();
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 0u);
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
}

TEST_F(PortObjects, callers_and_senders_get_epipe_when_the_last_receiver_closes) {
  Silo& owner = make_silo("owner");
  const std::uint64_t all = create_port(fakes::unlocked(), owner).value();
  const std::uint64_t sender = duplicate(owner, all, bit(Right::PortSend) | bit(Right::PortCall));
  PortObject& port = port_at(owner, sender);
  std::deque<ipc::Party> clients(20);
  for (int i = 0; i < 16; ++i)
    ASSERT_EQ(port.send(fakes::unlocked(), clients[0], message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  ASSERT_EQ(port.send(fakes::unlocked(), clients[1], message, 0, Blocking::MayBlock, wakes), Outcome::Blocked);
  ASSERT_EQ(port.call(fakes::unlocked(), clients[2], message, 0, wakes), Outcome::Blocked);
  close(owner, all);
  ASSERT_EQ(port.send(fakes::unlocked(), clients[3], message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_EQ(error_of(clients[3]), Error::EPIPE);  // at once, before any reap()
  EXPECT_THAT(finish(), testing::UnorderedElementsAre(&clients[1], &clients[2]));
  EXPECT_EQ(error_of(clients[1]), Error::EPIPE);
  EXPECT_EQ(error_of(clients[2]), Error::EPIPE);
  EXPECT_EQ(object_counts(fakes::unlocked()).messages.taken, before.messages.taken);  // nobody can read them
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports + 1);                // `sender` still names it
  close(owner, sender);
  finish();
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
}

TEST_F(PortObjects, a_destroyed_port_lets_its_owner_read_what_was_queued) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  PortObject& port = port_at(owner, handle);
  ipc::Party client;
  ASSERT_EQ(port.send(fakes::unlocked(), client, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  destroy_port(port);
  destroy_port(port);
  EXPECT_FALSE(port.is_alive());
  finish();
  ipc::Party& server = thread_of(owner);
  ASSERT_EQ(port.receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_TRUE(server.completion.status.ok());
  ASSERT_EQ(port.receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_EQ(error_of(server), Error::EPIPE);
}

TEST_F(PortObjects, completes_at_most_16_parties_in_one_step) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  std::deque<ipc::Party> callers(100);
  for (ipc::Party& caller : callers)
    ASSERT_EQ(port_at(owner, handle).call(fakes::unlocked(), caller, message, 0, wakes), Outcome::Blocked);
  close(owner, handle);
  std::size_t woken = 0;
  while (reap_pending(this_core())) {
    const std::size_t count = step().size();
    EXPECT_LE(count, 16u);
    woken += count;
  }
  EXPECT_EQ(woken, 100u);
  for (const ipc::Party& caller : callers) EXPECT_EQ(error_of(caller), Error::EPIPE);
}

TEST_F(PortObjects, C1_a_call_that_was_taken_is_answered_after_its_port_is_gone) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  ipc::Party& server = thread_of(owner);
  ipc::Party caller;
  ASSERT_EQ(port_at(owner, handle).call(fakes::unlocked(), caller, message, 0, wakes), Outcome::Blocked);
  ASSERT_EQ(port_at(owner, handle).receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Completed);
  const std::uint64_t token = server.completion.delivery.token;
  close(owner, handle);
  EXPECT_THAT(finish(), testing::IsEmpty());
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
  for (const auto& record : server.owed) EXPECT_EQ(record.port, nullptr);
  ASSERT_EQ(ipc::reply(server, token, message, wakes), Outcome::Completed);
  EXPECT_TRUE(caller.completion.status.ok());
  EXPECT_EQ(wakes.pop_front(), &caller);
}

TEST_F(PortObjects, a_thread_that_waits_at_a_port_its_silo_closes_is_let_go) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  ipc::Party& server = thread_of(owner);
  ASSERT_EQ(port_at(owner, handle).receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Blocked);
  close(owner, handle);
  EXPECT_THAT(finish(), testing::ElementsAre(&server));
  EXPECT_EQ(error_of(server), Error::EPIPE);
}

}  // namespace
}  // namespace kernel
