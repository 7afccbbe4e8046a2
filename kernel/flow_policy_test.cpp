// SPDX-License-Identifier: Apache-2.0
//
// The flow policy that the manifest fixes, and the labels on messages.
#include "test/fakes/kernel_world.hpp"

#include "kernel/flow_policy.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;

/// Three silos in a row: left may reach middle, middle may reach right, and nothing else.
struct FlowPolicy : fakes::KernelWorld {
  Thread& left = make("left", 10, 0x0a01, {1});
  Thread& middle = make("middle", 20, 0x0b02, {2});
  Thread& right = make("right", 30, 0x0c03, {});

  Thread& make(std::string_view name, std::uint8_t priority, std::uint32_t label,
               std::initializer_list<unsigned> reaches) {
    ipc::SiloSet may_reach;
    for (const unsigned silo : reaches) may_reach.add(silo);
    abi::Quotas quotas{.limit = {4, 4, 64}};
    quotas[abi::QuotaKind::Transfers] = 2;
    const auto id = create_silo({.name = name,
                                 .argument = 0,
                                 .capability_slots = 16,
                                 .quotas = quotas,
                                 .label = label,
                                 .may_reach = may_reach})
                        .value();
    const std::uint32_t code[] = {0xd503201f};
    EXPECT_TRUE(add_region(id, {.address = base::SiloAddress(kText),
                                .size = base::PageCount(1),
                                .access = port::Access::ReadExecute,
                                .data = std::as_bytes(std::span(code)),
                                .name = "text"})
                    .ok());
    return add_thread(id, name, priority);
  }
  static Error install(const Thread& holder, std::uint32_t slot, ObjectType type, std::uint32_t object,
                       std::initializer_list<Right> rights, std::uint32_t end = 0) {
    std::uint64_t bits = 0;
    for (const Right right : rights) bits |= static_cast<std::uint64_t>(right);
    const auto done = install_capability(
        holder.silo().id, {.slot = slot, .type = type, .object = object, .end = end, .rights = bits, .badge = 1});
    return done.ok() ? Error(0) : done.error();
  }
};

TEST_F(FlowPolicy, N8_the_manifest_itself_cannot_break_it) {
  const std::uint32_t port = add_port(right, "right");
  EXPECT_EQ(install(right, 1, ObjectType::Port, port, {Right::PortReceive}), Error(0));
  EXPECT_EQ(install(left, 1, ObjectType::Port, port, {Right::PortSend}), Error::EACCES);
  EXPECT_EQ(install(middle, 1, ObjectType::Port, port, {Right::PortSend, Right::PortCall}), Error(0));
  const std::uint32_t channel = add_channel("back", 4);
  EXPECT_EQ(install(middle, 2, ObjectType::Channel, channel, {Right::ChannelSend}, 0), Error(0));
  EXPECT_EQ(install(left, 2, ObjectType::Channel, channel, {Right::ChannelReceive}, 1), Error::EACCES);
  EXPECT_EQ(install(right, 2, ObjectType::Channel, channel, {Right::ChannelReceive}, 1), Error(0));
  EXPECT_EQ(install(right, 3, ObjectType::Channel, channel, {Right::ChannelSend}, 1), Error(0))
      << "both ends of one silo: nobody else receives from it";
  EXPECT_EQ(permit_publishing("right", right.silo().id).ok(), true);
  EXPECT_EQ(permit_connecting("right", left.silo().id, 1).error(), Error::EACCES);
}

TEST_F(FlowPolicy, N8_defect_F4_a_capability_does_not_get_where_the_policy_forbids_it_by_any_way) {
  // left may talk to middle, and middle to right; middle tries to make left a sender of right's port.
  const std::uint32_t inbox = add_port(middle, "middle");
  const std::uint64_t receive = grant(middle, ObjectType::Port, inbox, {Right::PortReceive});
  const std::uint64_t call_middle = grant(left, ObjectType::Port, inbox, {Right::PortCall});
  const std::uint32_t goal = add_port(right, "goal");
  grant(right, ObjectType::Port, goal, {Right::PortReceive});
  const std::uint64_t to_right = grant(middle, ObjectType::Port, goal, {Right::PortSend, Right::Grant});
  const std::uint64_t left_silo = grant(middle, ObjectType::Silo, left.silo().id.value(), {Right::SiloGrant});
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});  // right
  ASSERT_TRUE(is_running(middle));
  const std::uint64_t send_right = static_cast<std::uint64_t>(Right::PortSend);
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = to_right, .words = {left_silo, send_right}}),
            minus(Error::EACCES));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = call_middle, .flags = abi::kFlagAccept});
  ASSERT_TRUE(is_running(middle));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY,
                      {.flags = abi::kFlagTransfer, .words = {0, 0, send_right, to_right}, .token = middle.general[8]}),
            minus(Error::EACCES));
}

TEST_F(FlowPolicy, N8_messages_carry_the_label_of_their_sender_in_a_field_of_its_own) {
  const std::uint32_t inbox = add_port(middle, "middle");
  const std::uint64_t receive = grant(middle, ObjectType::Port, inbox, {Right::PortReceive});
  const std::uint64_t to_middle = grant(left, ObjectType::Port, inbox, {Right::PortCall, Right::PortSend});
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = to_middle, .x1 = 1});
  ASSERT_TRUE(is_running(middle));
  EXPECT_EQ(middle.general[14], 0x0a01u);
  EXPECT_EQ(middle.general[2], 0u) << "C3: not in the flags";
  call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = middle.general[8]});
  ASSERT_TRUE(is_running(left));
  EXPECT_EQ(left.general[14], 0x0b02u) << "and an answer that of who answered";
  // Queued ones as well.
  call(SystemCall::PORT_SEND, {.handle = to_middle});
  ASSERT_TRUE(is_running(middle));
  EXPECT_EQ(middle.general[14], 0x0a01u);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call(SystemCall::PORT_SEND, {.handle = to_middle});
  pass(2000);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  EXPECT_EQ(middle.general[14], 0x0a01u);
}

}  // namespace
}  // namespace kernel
