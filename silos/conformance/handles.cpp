// SPDX-License-Identifier: Apache-2.0
//
// Handles and rights: what is valid, what a handle tells, duplication, generations, the full table.
// Manifest: capabilities = 16, a console, a client's right to port `somebody`, quota for ports.
#include "handles.hpp"
#include "check.hpp"

using namespace conformance;

namespace {

constexpr unsigned kSlots = 16;

void the_interface_itself() {
  check_status(granary_null_call(), GRANARY_OK, "NULL_CALL succeeds");
  std::uint64_t version = 0;
  check_status(granary_abi_version(&version), GRANARY_OK, "ABI_VERSION succeeds");
  check_equal(version, std::uint64_t{abi::kVersionMajor} << 16 | abi::kVersionMinor,
              "ABI_VERSION is the version this was compiled for");
}

void invalid_handles() {
  const granary_handle console = handles::console.value();
  check_error(Handle(0).info(), kBadHandle, "B6 handle 0 is never valid");
  check_error(Handle(~0ull).info(), kBadHandle, "B6 all ones is no handle");
  check_error(Handle(console + (std::uint64_t{kSlots} << GRANARY_HANDLE_INDEX_SHIFT)).info(), kBadHandle,
              "B6 an index beyond the table does not wrap to a valid one");
  check_error(Handle(console + (std::uint64_t{1} << GRANARY_HANDLE_GENERATION_SHIFT)).info(), kBadHandle,
              "B6 another generation is another handle");
  check_error(Handle(console | 1).info(), kBadHandle, "the low bits of a handle count");
  check_error(Handle(console & 0xffffffff).info(), kBadHandle, "an index without its generation is no handle");
  check_error(Handle(abi::make_manifest_handle(kSlots - 1)).info(), kBadHandle, "an empty slot has no handle");
  check_status(granary_handle_close(0), GRANARY_EBADF, "closing no handle is EBADF");
  granary_handle made;
  check_status(granary_handle_duplicate(0, 1, &made), GRANARY_EBADF, "duplicating no handle is EBADF");
}

void what_a_handle_tells() {
  const Result<HandleInfo> console = handles::console.info();
  if (check_ok(console, "N2 HANDLE_INFO of the console")) {
    check(console->type == abi::ObjectType::Console, "it is a console");
    check_equal(console->rights, GRANARY_RIGHT_CONSOLE_WRITE | GRANARY_RIGHT_DUPLICATE,
                "with the rights of the manifest");
  }
  const Result<HandleInfo> port = handles::somebody.info();
  if (check_ok(port, "HANDLE_INFO of a client's port")) {
    check(port->type == abi::ObjectType::Port, "it is a port");
    check_equal(port->rights, GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_PORT_CALL | GRANARY_RIGHT_DUPLICATE,
                "N3 a client may send and call, no more");
    check(port->badge != 0, "it has the badge of the manifest");
  }
  const Port own = Port::create().value();
  check_equal(own.info().value().rights,
              GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_PORT_CALL | GRANARY_RIGHT_PORT_RECEIVE |
                  GRANARY_RIGHT_PORT_DESTROY | GRANARY_RIGHT_PORT_TRANSFER | GRANARY_RIGHT_DUPLICATE |
                  GRANARY_RIGHT_GRANT | GRANARY_RIGHT_REVOKE,
              "N3 a created port comes with every right");
  check_ok(own.close(), "and can be closed");
}

void types_and_rights_are_checked() {
  const granary_handle console = handles::console.value(), port = handles::somebody.value();
  const granary_message message{};
  granary_delivery delivery;
  granary_message answer;
  granary_chan_stats_result channel_stats;
  granary_port_stats_result port_stats;
  granary_silo_status_result status;
  std::uint64_t taken;
  const std::uint64_t text[GRANARY_MESSAGE_WORDS] = {};
  check_status(granary_port_send(console, &message, 0), GRANARY_EPERM, "sending to the console is EPERM");
  check_status(granary_port_call(console, &message, 1, &answer), GRANARY_EPERM, "calling the console is EPERM");
  check_status(granary_port_receive(port, 0, &delivery), GRANARY_EPERM, "E8 a client cannot receive (EPERM)");
  check_status(granary_port_try_receive(port, &delivery), GRANARY_EPERM, "E8 nor try to receive");
  check_status(granary_port_reply_and_receive(port, &message, 1, 0, &delivery), GRANARY_EPERM,
               "E8 nor reply and receive");
  check_status(granary_port_destroy(port), GRANARY_EPERM, "P5 a client cannot destroy the port (EPERM)");
  check_status(granary_port_stats(console, &port_stats), GRANARY_EPERM, "PORT_STATS of a console is EPERM");
  check_status(granary_chan_send(port, &message, 0), GRANARY_EPERM, "D8 a port is no channel to send on");
  check_status(granary_chan_recv(port, 0, &delivery), GRANARY_EPERM, "nor to receive from");
  check_status(granary_chan_close(port), GRANARY_EPERM, "nor to close");
  check_status(granary_chan_stats(port, &channel_stats), GRANARY_EPERM, "nor to ask for statistics");
  check_status(granary_console_write(port, 0, text, &taken), GRANARY_EPERM, "D8 a port is no console");
  check_status(granary_silo_status(console, &status), GRANARY_EPERM, "D8 a console is no silo");
  check_status(granary_system_verdict(console, 0), GRANARY_EPERM, "nor the system");
}

void rights_only_shrink() {
  const Port full = Port::create().value();
  const Result<Port> less = full.duplicate(GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_DUPLICATE);
  if (!check_ok(less, "N2 a duplicate with fewer rights")) return;
  check_equal(less->info().value().rights, GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_DUPLICATE,
              "N2 has those and no others");
  check_error(less->try_receive(), kNotPermitted, "and cannot do what the others permit");
  check_error(less->destroy(), kNotPermitted, "not even to the silo's own port");
  check_ok(less->try_send({1}), "but what it has it can do");
  check_error(less->duplicate(~0ull), kNotPermitted, "N2 a duplicate of it that asks for everything is EPERM");
  check_error(less->duplicate(GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_PORT_RECEIVE), kNotPermitted,
              "one that asks for a single right too many is too");
  const Result<Port> none = full.duplicate(0);
  if (check_ok(none, "a duplicate without rights")) {
    check_error(none->try_send({}), kNotPermitted, "permits nothing");
    check_error(none->duplicate(), kNotPermitted, "and cannot be duplicated");
    check_ok(none->close(), "but can be closed");
  }
  const Port client = handles::somebody.duplicate().value();
  check_equal(client.info().value().badge, handles::somebody.info().value().badge, "a duplicate keeps the badge");
  check_ok(client.close(), "(closed)");
  check_ok(less->close(), "closing a duplicate");
  check_ok(full.try_receive(), "leaves the object to the others");
  check_ok(full.close(), "(closed)");
}

void generations() {
  const Console first = handles::console.duplicate().value();
  check_ok(first.close(), "N2 a closed handle");
  check_error(first.info(), kBadHandle, "is invalid");
  check_error(first.close(), kBadHandle, "and cannot be closed again");
  const Console second = handles::console.duplicate().value();
  check(second.value() != first.value(), "what comes into its slot gets another handle");
  check_equal(second.value() & 0xffffffff, first.value() & 0xffffffff, "(it is the same slot)");
  check_error(first.info(), kBadHandle, "B6 the stale handle stays invalid");
  check_ok(second.info(), "the new one is valid");
  check_ok(second.close(), "(closed)");
}

void the_table_can_be_full() {
  Console made[kSlots];
  unsigned count = 0;
  Result<Console> next = handles::console.duplicate();
  while (next && count < kSlots) {
    made[count++] = *next;
    next = handles::console.duplicate();
  }
  check_error(next, kTableFull, "the table fills up");
  check_equal(count, kSlots - 3,
              "after exactly as many as there are slots (slot 0 is never used, the manifest uses 2)");
  check_error(Port::create(), kTableFull, "a port then has no place");
  check_ok(handles::console.info(), "old handles still work");
  check_ok(made[5].close(), "one is closed");
  check_ok(handles::console.duplicate(), "and there is room for one");
  check_error(handles::console.duplicate(), kTableFull, "but only one");
  bool all = true;
  for (unsigned i = 0; i < count; ++i)
    if (i != 5) all = made[i].close().ok() && all;
  check(all, "all can be closed");
  check_ok(Port::create().value().close(), "and a port has a place again: the failed attempt cost no quota");
}

}  // namespace

int main() {
  the_interface_itself();
  invalid_handles();
  what_a_handle_tells();
  types_and_rights_are_checked();
  rights_only_shrink();
  generations();
  the_table_can_be_full();
  return finish();
}
