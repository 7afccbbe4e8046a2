// SPDX-License-Identifier: Apache-2.0
//
// Revoke: the whole subtree and nothing else, wherever it is, and what is blocked through it.
#include "test/fakes/capability_world.hpp"

#include "kernel/revoke.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using fakes::bit;
using fakes::kSendCall;

struct Revokes : fakes::CapabilityWorld {};

TEST_F(Revokes, N2_revoke_ends_the_whole_subtree_and_nothing_else) {
  start();
  server_waits();
  const std::uint64_t root = own_port();
  const auto derive = [&](std::uint64_t from) {
    return call(SystemCall::HANDLE_DUPLICATE,
                {.handle = from, .words = {kSendCall | bit(Right::Duplicate) | bit(Right::Grant) | bit(Right::Revoke)}})
        .general[3];
  };
  const std::uint64_t sibling = derive(root);
  const std::uint64_t base = derive(root);
  const std::uint64_t child = derive(base);
  const std::uint64_t grandchild = derive(child);
  call(SystemCall::PORT_SEND, carrying(send, grandchild, kSendCall));
  const std::uint64_t far_away = server.general[6];
  EXPECT_NE(rights_of(far_away), 0u);
  server_waits();
  Thread& revoker = call(SystemCall::HANDLE_REVOKE, {.handle = base});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(revoker), 0);
  EXPECT_EQ(revoker.general[3], 3u);
  EXPECT_NE(rights_of(root), 0u);
  EXPECT_NE(rights_of(sibling), 0u);
  EXPECT_NE(rights_of(base), 0u);
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = child}), minus(Error::EBADF));
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = grandchild}), minus(Error::EBADF));
  call(SystemCall::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = far_away}), minus(Error::EBADF));
}

TEST_F(Revokes, N2_what_was_derived_from_a_closed_capability_is_still_revoked_from_above) {
  start();
  server_waits();
  const std::uint64_t root = own_port();
  const std::uint64_t all = kSendCall | bit(Right::Duplicate);
  const std::uint64_t middle = call(SystemCall::HANDLE_DUPLICATE, {.handle = root, .words = {all}}).general[3];
  const std::uint64_t leaf = call(SystemCall::HANDLE_DUPLICATE, {.handle = middle, .words = {all}}).general[3];
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = middle}), 0);
  EXPECT_NE(rights_of(leaf), 0u);
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = root}), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = leaf}), minus(Error::EBADF));
}

TEST_F(Revokes, B10_revoke_ends_what_is_blocked_through_the_capability) {
  const std::uint64_t child = grant(server, ObjectType::Silo, client.silo().id.value(), {Right::SiloGrant});
  start();
  const std::uint64_t mine = own_port();
  const auto give = [&] {
    const Thread& giver = call(SystemCall::HANDLE_GRANT, {.handle = mine, .words = {child, kSendCall}});
    EXPECT_EQ(status(giver), 0);
    return giver.general[3];
  };
  // A call that nobody has taken.
  std::uint64_t theirs = give();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call(SystemCall::PORT_CALL, {.handle = theirs});
  pass(2000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = mine}), 0);
  EXPECT_EQ(server.general[3], 1u);
  EXPECT_EQ(status(client), minus(Error::ECANCELED));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = mine}), minus(Error::EAGAIN)) << "it has left the queue";
  // A call that the revoker itself has taken.
  theirs = give();
  call(SystemCall::PORT_RECEIVE, {.handle = mine});
  ASSERT_TRUE(is_running(client));
  call(SystemCall::PORT_CALL, {.handle = theirs});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = mine}), 0);
  EXPECT_EQ(status(client), minus(Error::ECANCELED));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EPIPE)) << "nobody waits for it any more";
}

TEST_F(Revokes, N2_a_message_whose_capability_was_revoked_on_the_way_arrives_without_it) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall)), 0);
  Thread& revoker = call(SystemCall::HANDLE_REVOKE, {.handle = gift});
  EXPECT_EQ(status(revoker), 0);
  EXPECT_EQ(revoker.general[3], 1u);
  pass(2'000'000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive}), 0);
  EXPECT_EQ(server.general[2], 0u);
  EXPECT_EQ(server.general[6], 0u);
  EXPECT_EQ(server.general[3], 1u) << "the rest of the message is there";
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(Revokes, N2_revoke_needs_the_right) {
  start();
  server_waits();
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = send}), minus(Error::EPERM));
  const std::uint64_t mine = own_port();
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = mine}), 0) << "nothing is derived from it";
  EXPECT_EQ(client.general[3], 0u);
}

}  // namespace
}  // namespace kernel
