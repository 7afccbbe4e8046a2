// SPDX-License-Identifier: Apache-2.0
//
// Serves a port and a name with contracts, and one name whose contract it chooses itself (contracts_client.cpp checks).
#include <string.h>

#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kOwnContract = 0x600d;

Message answer_to(const Message& message) {
  if (const auto add = contracts::received<contracts::control::Add>(message))
    return contracts::reply<contracts::control::Add>({.sum = std::uint64_t{add->one} + add->other});
  if (contracts::received<contracts::control::Publish>(message)) {
    const Port log = Port::create().value();
    if (publish("log", log, contracts::log::kHash + 1).error() != kContractMismatch) return contracts::refusal();
    publish("log", log, contracts::log::kHash).value();
    publish("free", Port::create().value(), kOwnContract).value();
    return contracts::reply<contracts::control::Publish>({});
  }
  return contracts::refusal();
}

}  // namespace

int main() {
  // The contract of the manifest is there already, and this program's is the same.
  contracts::agree(handles::control, contracts::control::kHash).value();
  Request request = handles::control.receive().value();
  for (;;) request = handles::control.reply_and_receive(std::move(request.token), answer_to(request.message)).value();
}
