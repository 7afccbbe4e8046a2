// SPDX-License-Identifier: Apache-2.0
//
// Ports under names: who may publish, who may connect, and when a name is free again.
#include "test/fakes/kernel_world.hpp"

#include <cstring>

#include "kernel/objects.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;

/// A server that may publish `storage`, a client that may connect to it, and a stranger that may not.
struct PublishedNames : fakes::KernelWorld {
  Thread& server = make("server", 20);
  Thread& client = make("client", 10);
  Thread& stranger = make("stranger", 5);

  PublishedNames() {
    EXPECT_TRUE(permit_publishing("storage", server.silo().id).ok());
    EXPECT_TRUE(permit_connecting("storage", client.silo().id, 42).ok());
  }

  Thread& make(std::string_view name, std::uint8_t priority) { return add_program(name, priority); }
  static fakes::CallRegisters named(std::string_view name, std::uint64_t handle = 0) {
    std::uint64_t word[8] = {};
    std::memcpy(word, name.data(), name.size());
    return {.handle = handle, .words = std::vector<std::uint64_t>(word, word + 8), .deadline = 0};
  }
  std::uint64_t own_port() { return call(SystemCall::PORT_CREATE).general[3]; }
  void sleep_for_ever() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
};

TEST_F(PublishedNames, P11_a_connection_can_send_and_call_and_carries_the_manifests_badge) {
  start();
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), 0);
  call(SystemCall::PORT_RECEIVE, {.handle = port});
  ASSERT_TRUE(is_running(client));
  Thread& connector = call(SystemCall::NAME_CONNECT, named("storage"));
  ASSERT_EQ(status(connector), 0);
  const std::uint64_t connection = connector.general[3];
  call(SystemCall::HANDLE_INFO, {.handle = connection});
  EXPECT_EQ(client.general[4], static_cast<std::uint64_t>(Right::PortSend) |
                                   static_cast<std::uint64_t>(Right::PortCall) |
                                   static_cast<std::uint64_t>(Right::Duplicate));
  call(SystemCall::PORT_SEND, {.handle = connection, .x1 = 3});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[7], 42u);
}

TEST_F(PublishedNames, C4_what_connects_can_never_receive) {
  start();
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), 0);
  sleep_for_ever();
  const std::uint64_t connection = call(SystemCall::NAME_CONNECT, named("storage")).general[3];
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = connection}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::PORT_DESTROY, {.handle = connection}), minus(Error::EPERM));
}

TEST_F(PublishedNames, P11_only_whom_the_manifest_permits_may_publish_and_connect) {
  start();
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("nothing", port)), minus(Error::ENOENT));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), 0);
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), minus(Error::EEXIST));
  EXPECT_EQ(status_of(SystemCall::NAME_CONNECT, named("storage")), minus(Error::EACCES));
  sleep_for_ever();
  ASSERT_TRUE(is_running(client));
  const std::uint64_t own = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", own)), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::NAME_UNPUBLISH, named("storage")), minus(Error::EPERM));
  sleep_for_ever();
  ASSERT_TRUE(is_running(stranger));
  EXPECT_EQ(status_of(SystemCall::NAME_CONNECT, named("storage")), minus(Error::EACCES));
}

TEST_F(PublishedNames, a_name_that_is_none_is_refused) {
  start();
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("", port)), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("a name", port)), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named(std::string(32, 'a'), port)), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named(std::string(64, 'a'), port)), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named(std::string_view("storage\0x", 9), port)), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named(std::string(31, 'a'), port)), minus(Error::ENOENT));
}

TEST_F(PublishedNames, P11_connecting_waits_until_the_name_is_published) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::NAME_CONNECT, named("storage")), minus(Error::EAGAIN));
  auto until = named("storage");
  until.deadline = clock() + 500;
  call(SystemCall::NAME_CONNECT, until);
  pass(600);
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  ASSERT_TRUE(is_running(client));
  until.deadline = kForever;
  call(SystemCall::NAME_CONNECT, until);
  pass(1000);
  ASSERT_TRUE(is_running(server));
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), 0);
  sleep_for_ever();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(client), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = client.general[3]}), 0);
}

TEST_F(PublishedNames, C4_a_name_is_free_again_when_its_port_ends) {
  start();
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = port}), 0);
  const std::uint64_t next = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", next)), 0);
  EXPECT_EQ(status_of(SystemCall::NAME_UNPUBLISH, named("storage")), 0);
  EXPECT_EQ(status_of(SystemCall::NAME_UNPUBLISH, named("storage")), minus(Error::ENOENT));
  EXPECT_EQ(server.silo().quota(abi::QuotaKind::Ports).used(), 1u);
}

TEST_F(PublishedNames, N2_revoking_the_port_ends_connections_and_the_name) {
  start();
  const std::uint64_t port = own_port();
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", port)), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  const std::uint64_t connection = call(SystemCall::NAME_CONNECT, named("storage")).general[3];
  pass(2000);
  ASSERT_TRUE(is_running(server));
  Thread& revoker = call(SystemCall::HANDLE_REVOKE, {.handle = port});
  EXPECT_EQ(status(revoker), 0);
  EXPECT_EQ(revoker.general[3], 2u) << "the name and the connection";
  EXPECT_EQ(status_of(SystemCall::NAME_UNPUBLISH, named("storage")), minus(Error::ENOENT));
  sleep_for_ever();
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = connection}), minus(Error::EBADF));
}

}  // namespace
}  // namespace kernel
