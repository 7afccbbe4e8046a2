// SPDX-License-Identifier: Apache-2.0
//
// Contracts: who is refused at load, by HANDLE_CONTRACT, and when publishing and connecting; what is untyped stays
// possible; a silo whose program has another contract does not come back.
#include "kernel/contracts.hpp"

#include <cstring>

#include "kernel/audit.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "test/fakes/returning_world.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using testing::HasSubstr;

constexpr std::uint64_t kOld = 0x01d, kNew = 0x9e3779b97f4a7c15;

std::uint64_t bits(std::initializer_list<Right> rights) {
  std::uint64_t all = 0;
  for (const Right right : rights) all |= static_cast<std::uint64_t>(right);
  return all;
}

struct Contracts : fakes::KernelWorld {
  Thread& server = add_program("server", 20);
  Thread& client = add_program("client", 10);
  std::uint32_t next_slot = 20;

  static std::uint32_t port_of_contract(std::uint64_t contract, const Thread& owner) {
    const auto made = create_port({"typed", owner.silo().id, contract});
    EXPECT_TRUE(made.ok());
    return made.value();
  }
  base::Result<void> give(const Thread& holder, ObjectType type, std::uint32_t object, std::uint64_t rights,
                          std::uint64_t contract) {
    return install_capability(holder.silo().id, {.slot = next_slot++,
                                                 .type = type,
                                                 .object = object,
                                                 .end = 0,
                                                 .rights = rights,
                                                 .badge = 0,
                                                 .deadline = 0,
                                                 .contract = {{contract}}});
  }
  std::uint64_t last() const { return abi::make_manifest_handle(next_slot - 1); }
  std::int64_t speak(std::uint64_t handle, std::uint64_t contract) {
    return status_of(SystemCall::HANDLE_CONTRACT, {.handle = handle, .words = {contract}});
  }
  static fakes::CallRegisters named(std::string_view name, std::uint64_t contract, std::uint64_t handle = 0) {
    std::uint64_t word[8] = {};
    std::memcpy(word, name.data(), name.size());
    word[4] = contract;
    return {.handle = handle, .words = std::vector<std::uint64_t>(word, word + 8), .deadline = 0};
  }
  void sleep_for_ever() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
};

TEST_F(Contracts, N15_a_capability_of_a_program_with_another_contract_is_not_installed) {
  const std::uint32_t port = port_of_contract(kNew, server);
  const std::uint64_t calls = bits({Right::PortSend, Right::PortCall});
  const auto refused = give(client, ObjectType::Port, port, calls, kOld);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error(), Error::EPROTOTYPE);
  EXPECT_TRUE(give(client, ObjectType::Port, port, calls, kNew).ok());
  EXPECT_TRUE(give(client, ObjectType::Port, port, calls, 0).ok()) << "a program that does not say";
  EXPECT_TRUE(give(server, ObjectType::Port, port, bits({Right::PortReceive}), kNew).ok());
}

TEST_F(Contracts, an_object_that_declares_none_takes_every_program) {
  const std::uint32_t port = port_of_contract(0, server);
  EXPECT_TRUE(give(client, ObjectType::Port, port, bits({Right::PortSend}), kOld).ok());
  EXPECT_TRUE(give(client, ObjectType::Port, port, bits({Right::PortSend}), kNew).ok());
}

TEST_F(Contracts, channels_and_async_channels_have_them_and_other_kinds_do_not) {
  const auto channel = create_channel(
      {.name = "c", .capacity = 2, .forward = true, .backward = false, .redelivers = false, .contract = kNew});
  const auto async = create_async({"a", 16, kNew});
  ASSERT_TRUE(channel.ok() && async.ok());
  EXPECT_EQ(give(client, ObjectType::Channel, channel.value(), bits({Right::ChannelSend}), kOld).error(),
            Error::EPROTOTYPE);
  EXPECT_EQ(give(client, ObjectType::AsyncChannel, async.value(), bits({Right::AsyncSend}), kOld).error(),
            Error::EPROTOTYPE);
  EXPECT_TRUE(give(client, ObjectType::Channel, channel.value(), bits({Right::ChannelSend}), kNew).ok());
  const auto semaphore = create_semaphore({"s", 1});
  EXPECT_EQ(give(client, ObjectType::Semaphore, semaphore.value(), bits({Right::SemaphoreWait}), kNew).error(),
            Error::EINVAL);
  EXPECT_EQ(set_contract(server.silo(), kNew).error(), Error::EINVAL);
}

TEST_F(Contracts, handle_contract_tells_and_refuses_another) {
  const std::uint32_t port = port_of_contract(kNew, server);
  ASSERT_TRUE(give(server, ObjectType::Port, port, bits({Right::PortReceive}), kNew).ok());
  const std::uint64_t receives = last();
  start();
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(speak(receives, kOld), minus(Error::EPROTOTYPE));
  EXPECT_EQ(server.silo().refused_calls, 1u) << "and the audit has it as a denial";
  EXPECT_EQ(speak(receives, 0), 0);
  EXPECT_EQ(server.general[3], kNew);
  EXPECT_EQ(speak(receives, kNew), 0);
  EXPECT_EQ(speak(receives + 64, kNew), minus(Error::EBADF));
}

TEST_F(Contracts, an_object_without_one_gets_it_from_who_receives_and_keeps_it) {
  const std::uint32_t port = port_of_contract(0, server);
  ASSERT_TRUE(give(server, ObjectType::Port, port, bits({Right::PortReceive, Right::PortSend}), 0).ok());
  const std::uint64_t receives = last();
  ASSERT_TRUE(give(client, ObjectType::Port, port, bits({Right::PortSend}), 0).ok());
  const std::uint64_t sends = last();
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(speak(sends, kOld), 0) << "nobody has said yet what it is";
  EXPECT_EQ(client.general[3], 0u) << "and a client does not decide";
  pass(2000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(speak(receives, kNew), 0);
  EXPECT_EQ(server.general[3], kNew);
  EXPECT_EQ(speak(receives, kOld), minus(Error::EPROTOTYPE)) << "it is said once";
  sleep_for_ever();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(speak(sends, kOld), minus(Error::EPROTOTYPE));
  EXPECT_EQ(speak(sends, kNew), 0);
}

TEST_F(Contracts, a_kind_without_messages_has_none) {
  const auto semaphore = create_semaphore({"s", 1});
  ASSERT_TRUE(give(server, ObjectType::Semaphore, semaphore.value(), bits({Right::SemaphoreWait}), 0).ok());
  start();
  EXPECT_EQ(speak(last(), kNew), minus(Error::EINVAL));
  EXPECT_EQ(speak(last(), 0), 0);
}

struct ContractsOfNames : Contracts {
  ContractsOfNames() {
    EXPECT_TRUE(permit_publishing("storage", server.silo().id).ok());
    EXPECT_TRUE(permit_connecting("storage", client.silo().id, 42).ok());
  }
  std::int64_t publish(std::uint64_t contract) {
    const std::uint64_t port = call(SystemCall::PORT_CREATE).general[3];
    return status_of(SystemCall::NAME_PUBLISH, named("storage", contract, port));
  }
  std::int64_t connect(std::uint64_t contract) {
    return status_of(SystemCall::NAME_CONNECT, named("storage", contract));
  }
};

TEST_F(ContractsOfNames, N15_who_connects_with_another_contract_gets_no_capability) {
  start();
  ASSERT_EQ(publish(kNew), 0);
  sleep_for_ever();
  ASSERT_TRUE(is_running(client));
  const std::uint32_t before = client.silo().capabilities.live();
  EXPECT_EQ(connect(kOld), minus(Error::EPROTOTYPE));
  EXPECT_EQ(client.silo().capabilities.live(), before);
  EXPECT_EQ(client.silo().refused_calls, 1u);
  EXPECT_EQ(connect(kNew), 0);
  EXPECT_EQ(connect(0), 0) << "untyped use stays possible";
}

TEST_F(ContractsOfNames, who_has_waited_is_refused_when_something_else_is_published) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(client));
  auto waiting = named("storage", kOld);
  waiting.deadline = kForever;
  call(SystemCall::NAME_CONNECT, waiting);
  pass(2000);
  ASSERT_TRUE(is_running(server));
  ASSERT_EQ(publish(kNew), 0);
  sleep_for_ever();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(client), minus(Error::EPROTOTYPE));
}

TEST_F(ContractsOfNames, an_untyped_publisher_takes_everybody) {
  start();
  ASSERT_EQ(publish(0), 0);
  sleep_for_ever();
  EXPECT_EQ(connect(kOld), 0);
  EXPECT_EQ(connect(kNew), 0);
}

TEST_F(Contracts, the_manifests_contract_of_a_name_binds_both_sides) {
  EXPECT_EQ(permit_publishing("old", server.silo().id, {kNew, kOld}).error(), Error::EPROTOTYPE);
  ASSERT_TRUE(permit_publishing("storage", server.silo().id, {kNew, kNew}).ok());
  EXPECT_EQ(permit_connecting("storage", client.silo().id, 1, kOld).error(), Error::EPROTOTYPE);
  ASSERT_TRUE(permit_publishing("other", server.silo().id, {kNew, 0}).ok());
  ASSERT_TRUE(permit_connecting("other", client.silo().id, 1, kNew).ok());
  start();
  const std::uint64_t port = call(SystemCall::PORT_CREATE).general[3];
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("other", kOld, port)), minus(Error::EPROTOTYPE));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("other", 0, port)), 0);
  sleep_for_ever();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::NAME_CONNECT, named("other", kOld)), minus(Error::EPROTOTYPE));
  EXPECT_EQ(status_of(SystemCall::NAME_CONNECT, named("other", kNew)), 0);
}

TEST_F(Contracts, a_port_that_speaks_another_is_not_published) {
  ASSERT_TRUE(permit_publishing("storage", server.silo().id, {kNew, 0}).ok());
  start();
  const std::uint64_t port = call(SystemCall::PORT_CREATE).general[3];
  ASSERT_EQ(speak(port, kOld), 0);
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", 0, port)), minus(Error::EPROTOTYPE));
}

TEST_F(Contracts, nothing_but_the_contract_may_stand_behind_a_name) {
  ASSERT_TRUE(permit_publishing("storage", server.silo().id).ok());
  start();
  const std::uint64_t port = call(SystemCall::PORT_CREATE).general[3];
  for (unsigned word : {1u, 2u, 3u, 5u, 6u, 7u}) {
    auto registers = named("storage", kNew, port);
    registers.words[word] = std::uint64_t{1} << 63;
    EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, registers), minus(Error::EINVAL)) << word;
  }
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named(std::string(32, 'a'), kNew, port)), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named("storage", kNew, port)), 0);
}

TEST(ContractsFit, zero_fits_everything) {
  EXPECT_TRUE(contracts_fit(0, kNew));
  EXPECT_TRUE(contracts_fit(kNew, 0));
  EXPECT_TRUE(contracts_fit(kNew, kNew));
  EXPECT_FALSE(contracts_fit(kNew, kNew ^ 1));
}

struct ContractsAtRestart : fakes::ReturningWorld {
  Thread& other = add_program("other", 5);
};

TEST_F(ContractsAtRestart, N15_a_silo_whose_program_speaks_another_contract_stays_down_and_says_so) {
  const auto port = create_port({"typed", server.silo().id, kNew});
  ASSERT_TRUE(port.ok());
  ASSERT_TRUE(install_capability(server.silo().id, {.slot = 9,
                                                    .type = ObjectType::Port,
                                                    .object = port.value(),
                                                    .end = 0,
                                                    .rights = bits({Right::PortReceive}),
                                                    .badge = 0,
                                                    .deadline = 0,
                                                    .contract = {{kNew}}})
                  .ok());
  begin();
  crash();
  ASSERT_TRUE(is_running(server)) << "the same program comes back";
  server.silo().manifest.last->contract.of_image[0] = kOld;  // as another image would have it
  crash();
  EXPECT_TRUE(is_running(other));
  EXPECT_EQ(server.silo().life.reason, abi::StaysDownReason::OtherContract);
  const std::string said = console();
  EXPECT_THAT(said, HasSubstr("silo server: its program was built with another contract of typed (0x1d, and it "
                              "has 0x9e3779b97f4a7c15)"));
  EXPECT_THAT(said, HasSubstr("silo server stays down: its program speaks another contract"));
}

}  // namespace
}  // namespace kernel
