// SPDX-License-Identifier: Apache-2.0
//
// Comparing contracts (contracts.hpp). Only the long way comes here.
#include "kernel/contracts.hpp"

#include "kernel/system_call.hpp"

namespace kernel {

namespace {

/// Who answers for what comes through the object: it gives it its contract.
bool may_receive(const Capability& capability) {
  return has_right(capability.rights, abi::Right::PortReceive) ||
         has_right(capability.rights, abi::Right::ChannelReceive) ||
         has_right(capability.rights, abi::Right::AsyncReceive);
}

}  // namespace

base::Result<void> set_contract(ipc::Object& object, std::uint64_t contract) {
  if (contract != 0 && !has_messages(object.type)) return base::Error::EINVAL;
  object.contract.store(contract, std::memory_order_relaxed);
  return {};
}

base::Result<void> check_contract(const ipc::Object& object, std::uint64_t spoken) {
  if (spoken != 0 && !has_messages(object.type)) return base::Error::EINVAL;
  if (!contracts_fit(object.contract.load(std::memory_order_relaxed), spoken)) return base::Error::EPROTOTYPE;
  return {};
}

base::Result<void> speak_contract(const Capability& capability, std::uint64_t spoken) {
  ipc::Object& object = *capability.object;
  if (spoken != 0 && has_messages(object.type) && may_receive(capability)) {
    // ORDERING: none; nothing else is published by it. Of two receivers on two cores the second meets the first's.
    std::uint64_t none = 0;
    object.contract.compare_exchange_strong(none, spoken, std::memory_order_relaxed);
  }
  return check_contract(object, spoken);
}

template <>
base::Result<Decision> handle<abi::SystemCall::HANDLE_CONTRACT>(const Call& call) {
  TRY(speak_contract(*call.capability, call.arguments().contract()));
  call.results().succeed(call.capability->object->contract.load(std::memory_order_relaxed));
  return Decision::stay();
}

}  // namespace kernel
