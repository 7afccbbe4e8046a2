// SPDX-License-Identifier: Apache-2.0
//
// Grant to another silo, and what a silo gives up itself.
#include "test/fakes/capability_world.hpp"

#include "kernel/objects.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using fakes::bit;
using fakes::kSendCall;

struct CapabilityCalls : fakes::CapabilityWorld {};

TEST_F(CapabilityCalls, N2_grant_puts_an_attenuated_capability_into_another_silo) {
  const std::uint64_t child = grant(client, ObjectType::Silo, server.silo().id.value(), {Right::SiloGrant});
  const std::uint64_t watched = grant(client, ObjectType::Silo, server.silo().id.value(), {Right::SiloObserve});
  start();
  server_waits();
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = gift, .words = {watched, kSendCall}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = send, .words = {child, kSendCall}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = gift, .words = {child, bit(Right::ChannelSend)}}),
            minus(Error::EPERM));
  Thread& giver = call(SystemCall::HANDLE_GRANT, {.handle = gift, .words = {child, kSendCall}});
  ASSERT_EQ(status(giver), 0);
  const std::uint64_t there = giver.general[3];
  call(SystemCall::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(rights_of(there), kSendCall);
}

TEST_F(CapabilityCalls, N9_a_pledge_only_shrinks_and_is_never_undone) {
  start();
  server_waits();
  const std::uint64_t create = static_cast<std::uint64_t>(abi::Pledge::Create);
  const std::uint64_t share = static_cast<std::uint64_t>(abi::Pledge::Share);
  const std::uint64_t mine = own_port();
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = create | share}), 0);
  EXPECT_EQ(client.general[3], create | share);
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = share}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_CREATE), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = create | share}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = ~std::uint64_t{0}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = mine, .words = {kSendCall}}), 0);
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = 0}), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = mine, .words = {kSendCall}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, mine, kSendCall)), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = mine}), 0) << "capabilities it has still work";
}

TEST_F(CapabilityCalls, N9_defect_F1_every_thread_of_a_silo_is_bound_by_its_pledge) {
  Thread& second = add_thread(client.silo().id, "second", 10);
  start();
  server_waits();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = 0}), 0);
  call(SystemCall::YIELD);
  ASSERT_TRUE(is_running(second));
  EXPECT_EQ(status_of(SystemCall::PORT_CREATE), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = send}), 0) << "the capabilities are the silo's as well";
}

}  // namespace
}  // namespace kernel
