// SPDX-License-Identifier: Apache-2.0
//
// A kernel with a server and a client that may send capabilities along to it: for tests of what becomes of
// capabilities.
#pragma once

#include "test/fakes/kernel_world.hpp"

namespace fakes {

constexpr std::uint64_t bit(abi::Right right) { return static_cast<std::uint64_t>(right); }
constexpr std::uint64_t kSendCall = bit(abi::Right::PortSend) | bit(abi::Right::PortCall);

/// A server (more urgent) that waits at port `service`, and a client that may send capabilities along to it.
struct CapabilityWorld : KernelWorld {
  abi::Quotas more_quotas;  ///< of silos made from now on, beside what make() gives
  kernel::Thread& server = make("server", 20);
  kernel::Thread& client = make("client", 10);
  std::uint32_t service = add_port(server, "service");
  std::uint64_t receive = grant_port_server(server, service);
  std::uint64_t send = grant(client, abi::ObjectType::Port, service,
                             {abi::Right::PortSend, abi::Right::PortCall, abi::Right::PortTransfer}, 7);

  kernel::Thread& make(std::string_view name, std::uint8_t priority, std::uint32_t slots = 16, std::uint32_t label = 0,
                       ipc::SiloSet reach = ipc::SiloSet::all()) {
    using enum abi::QuotaKind;
    abi::Quotas limits = more_quotas;
    limits[Ports] = 4;
    limits[Channels] = 4;
    limits[Messages] = 64;
    limits[Transfers] = 3;
    const auto id = kernel::create_silo({.name = name,
                                         .argument = 0,
                                         .capability_slots = slots,
                                         .quotas = limits,
                                         .label = label,
                                         .may_reach = reach})
                        .value();
    static constexpr std::uint32_t code[] = {0xd503201f};  // a restart reads it again
    EXPECT_TRUE(kernel::add_region(id, {.address = base::SiloAddress(kText),
                                        .size = base::PageCount(1),
                                        .access = port::Access::ReadExecute,
                                        .data = std::as_bytes(std::span(code)),
                                        .name = "text"})
                    .ok());
    return add_thread(id, name, priority);
  }

  /// The running thread makes a port of its own; the handle with every right.
  std::uint64_t own_port() {
    const kernel::Thread& maker = call(abi::SystemCall::PORT_CREATE);
    EXPECT_EQ(status(maker), 0);
    return maker.general[3];
  }
  void server_waits() {
    ASSERT_TRUE(is_running(server));
    call(abi::SystemCall::PORT_RECEIVE, {.handle = receive});
  }
  /// A message of four words whose last is a handle to send along with these rights.
  static CallRegisters carrying(std::uint64_t through, std::uint64_t handle, std::uint64_t rights,
                                std::uint64_t more_flags = 0) {
    return {.handle = through, .x1 = 5, .flags = abi::kFlagTransfer | more_flags, .words = {1, 2, rights, handle}};
  }
  std::uint64_t rights_of(std::uint64_t handle) {
    const kernel::Thread& asker = call(abi::SystemCall::HANDLE_INFO, {.handle = handle});
    return status(asker) == 0 ? asker.general[4] : 0;
  }
  static std::uint32_t transfers_in_use(const kernel::Thread& thread) {
    return thread.silo().quota(abi::QuotaKind::Transfers).used();
  }
};

}  // namespace fakes
