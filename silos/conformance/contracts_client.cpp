// SPDX-License-Identifier: Apache-2.0
//
// Uses a port and names with the right contract, with none, and with another: that is refused with an error of its own,
// and gives no capability.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kOld = contracts::log::kHash ^ 1, kOwnContract = 0x600d;

void handles_of_the_manifest() {
  const auto sum = contracts::call(handles::control, contracts::control::Add{.one = 2, .other = 3}, 1s);
  check(sum && sum->sum == 5, "N15 a call of the contract is answered");
  check_ok(contracts::agree(handles::control, contracts::control::kHash), "N15 both sides have the same contract");
  check_ok(contracts::agree(handles::control, 0), "N15 who says nothing fits everything");
  check_error(contracts::agree(handles::control, kOld), kContractMismatch, "N15 another contract is refused");
  std::uint64_t contract = 0;
  check_status(granary_handle_contract(handles::control.value(), 0, &contract), GRANARY_OK, "N15 it can be asked for");
  check_equal(contract, contracts::control::kHash, "N15 and is that of the header");
}

void names() {
  check_error(connect("log", 1s, kOld), kContractMismatch, "N15 nobody waits for a name with another contract");
  check_ok(contracts::call(handles::control, contracts::control::Publish{}, 1s), "N15 the server publishes");
  check_error(connect("log", 1s, kOld), kContractMismatch, "N15 nor connects to what is published");
  const Result<Port> typed = connect("log", 1s, contracts::log::kHash);
  check_ok(typed, "N15 who has the contract of the manifest connects");
  check_ok(connect("log", 1s), "N15 who says nothing connects");
  check_error(contracts::agree(*typed, kOld), kContractMismatch, "N15 a connection has the contract of its port");
  check_error(connect("free", 1s, kOld), kContractMismatch, "N15 a publisher's own contract counts as well");
  check_ok(connect("free", 1s, kOwnContract), "N15 and fits who has the same");
}

void made_at_run_time() {
  const Port port = Port::create().value();
  check_ok(contracts::agree(port, 7), "N15 who receives says what a new port speaks");
  check_error(contracts::agree(port, 8), kContractMismatch, "N15 and says it once");
  const Port sender = port.duplicate(GRANARY_RIGHT_PORT_SEND).value();
  check_error(contracts::agree(sender, 8), kContractMismatch, "N15 what is derived has it");
  check_ok(contracts::agree(sender, 7), "N15 and fits");
  check_error(contracts::agree(handles::console, 7), kInvalidArgument, "N15 a console has no contract");
  check_ok(port.close(), "N15 closed");
  check_error(contracts::agree(port, 7), kBadHandle, "N15 a closed handle has none");
}

}  // namespace

int main() {
  handles_of_the_manifest();
  names();
  made_at_run_time();
  return finish();
}
