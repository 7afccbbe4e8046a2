// SPDX-License-Identifier: Apache-2.0
//
// A kernel whose silos may read what is recorded: one reads audit and trace, one serves a port, one has a message rate.
#pragma once

#include "kernel/audit.hpp"
#include "kernel/trace.hpp"
#include "test/fakes/kernel_world.hpp"

namespace fakes {

struct RecordWorld : KernelWorld {
  kernel::Thread& reader = add_program("reader", 10);
  kernel::Thread& server = add_program("server", 30);
  kernel::Thread& slow = add_thread(add_silo("slow", 64, {.messages = 3, .bytes = 0, .burst = 1}), "slow", 20);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t slow_send = grant_port_client(slow, port, 5);
  std::uint64_t reader_send = grant_port_client(reader, port, 6);
  std::uint64_t audit = grant(reader, abi::ObjectType::Audit, 0, {abi::Right::AuditRead});
  std::uint64_t trace = grant(reader, abi::ObjectType::Trace, 0, {abi::Right::TraceRead, abi::Right::TraceControl});

  /// The reader alone runs.
  void leave_the_reader() {
    start();
    while (!is_running(reader)) call(abi::SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  }
  /// Reads the life of the silos so far.
  void skip_audit() {
    while (status_of(abi::SystemCall::AUDIT_READ, {.handle = audit}) == 0) {
    }
  }
  std::vector<abi::TraceRecord> read_trace() {
    std::vector<abi::TraceRecord> all;
    abi::TraceRecord pair[2];
    for (std::uint32_t count = kernel::take_trace(0, pair); count != 0; count = kernel::take_trace(0, pair))
      all.insert(all.end(), pair, pair + count);
    return all;
  }
  void switch_trace(std::uint64_t state) {
    ASSERT_EQ(status_of(abi::SystemCall::TRACE_CONTROL, {.handle = trace, .words = {state}}), 0);
  }
  static std::vector<abi::TraceEvent> kinds(const std::vector<abi::TraceRecord>& records) {
    std::vector<abi::TraceEvent> result;
    for (const abi::TraceRecord& record : records) result.push_back(static_cast<abi::TraceEvent>(record.event));
    return result;
  }
};

}  // namespace fakes
