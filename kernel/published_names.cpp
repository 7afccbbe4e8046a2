// SPDX-License-Identifier: Apache-2.0
//
// Published names: see published_names.hpp. At most abi::kPublishedNamesMaximum, so going through them is bounded.
// Touched in shared sections.
#include "kernel/published_names.hpp"

#include "kernel/contracts.hpp"
#include "kernel/core.hpp"
#include "kernel/flow_policy.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"
#include "kernel/trace.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kConnectionRights =
    rights_mask(abi::Right::PortSend, abi::Right::PortCall, abi::Right::Duplicate);
constexpr unsigned kAdmittedPerStep = 4;

/// Capability first: what is published is found by its address.
struct Name {
  Capability published = {};  ///< names the null object while nothing is published
  ipc::Object itself{abi::ObjectType::None};
  Silo* publisher = nullptr;
  std::uint64_t contract = 0;  ///< of the manifest, 0 if it declares none
  bool is_published = false;
  ipc::SiloSet connectors;
  std::uint64_t badge[abi::kSilosMaximum] = {};
  ipc::PartyQueue waiting;
  base::ListNode<Name> admission_node;
};

constinit ObjectPool<Name> pool;  // in kernel memory, where capabilities lie
struct Names {
  std::uint32_t count = 0;
  Name* name[abi::kPublishedNamesMaximum] = {};
};
constinit Names names;
constinit base::IntrusiveList<Name, &Name::admission_node> admissions;

Name* find(std::string_view text) {
  for (std::uint32_t i = 0; i < names.count; ++i) {
    if (names.name[i]->itself.name.view() == text) return names.name[i];
  }
  return nullptr;
}

base::Result<Name*> find_for_connector(const Silo& silo, std::string_view text) {
  Name* const name = find(text);
  if (name == nullptr) return base::Error::ENOENT;
  if (!name->connectors.has(silo.id.value())) return base::Error::EACCES;
  return name;
}

base::Result<std::uint64_t> connect_to(Unlocked unlocked, const Thread& thread, Name& name, std::uint64_t contract) {
  Silo& silo = thread.silo();
  TRY(check_contract(*name.published.object, contract));
  const Grant grant{name.published.object, kConnectionRights & name.published.rights, name.badge[silo.id.value()], 0};
  if (!flow_permits(silo, *grant.object, grant.rights)) return base::Error::EACCES;
  const std::uint64_t made = TRY(silo.capabilities.insert_derived(unlocked, name.published, grant));
  if (trace_is_on()) trace(abi::TraceEvent::CapabilityGrant, &thread, 0, made);
  return made;
}

Departure withdraw(Unlocked unlocked, Name& name) {
  name.is_published = false;
  if (name.admission_node.is_linked()) admissions.remove(name);
  return count_out(unlocked, name.published);
}

}  // namespace

base::Result<void> add_name(std::string_view text, Silo& publisher, std::uint64_t contract, std::uint64_t spoken) {
  if (text.empty() || text.size() > abi::kNameLengthMaximum) return base::Error::EINVAL;
  if (!contracts_fit(contract, spoken)) return base::Error::EPROTOTYPE;
  if (find(text) != nullptr) return base::Error::EEXIST;
  if (names.count == abi::kPublishedNamesMaximum) return base::Error::ENOSPC;
  // SAFETY: boot runs with interrupts masked and holds no lock.
  Name* const name = TRY(pool.create(base::hold_nothing(base::TokenSource::interrupts_masked())));
  name->itself.name = base::FixedName(text);
  name->publisher = &publisher;
  name->contract = contract;
  names.name[names.count++] = name;
  return {};
}

base::Result<void> add_connector(std::string_view text, const Silo& silo, std::uint64_t badge, std::uint64_t spoken) {
  Name* const name = find(text);
  if (name == nullptr) return base::Error::ENOENT;
  if (!contracts_fit(name->contract, spoken)) return base::Error::EPROTOTYPE;
  const unsigned id = silo.id.value();
  if (name->connectors.has(id)) return base::Error::EEXIST;
  if (!may_reach(silo, *name->publisher)) return base::Error::EACCES;
  name->connectors.add(id);
  name->badge[id] = badge;
  return {};
}

void forget_names() {
  while (admissions.pop_front() != nullptr) {
  }
  names.count = 0;
  pool.forget();
}

base::Result<void> publish(Unlocked unlocked, Silo& silo, Capability& port, const NameArgument& argument) {
  Name* const name = find(argument.view());
  if (name == nullptr) return base::Error::ENOENT;
  const std::uint64_t needed = rights_mask(abi::Right::Grant, abi::Right::PortSend, abi::Right::PortCall);
  if (name->publisher != &silo || (needed & ~port.rights) != 0) return base::Error::EPERM;
  if (name->is_published) return base::Error::EEXIST;
  if (port.object->is_revoking) return base::Error::EBUSY;
  if (!port_of(port).is_alive()) return base::Error::EPIPE;
  if (!contracts_fit(name->contract, argument.contract())) return base::Error::EPROTOTYPE;
  TRY(check_contract(*port.object, name->contract));
  TRY(speak_contract(port, argument.contract()));
  name->published.handle = kHandlePublished;
  name->published.object = port.object;
  name->published.rights = kConnectionRights & port.rights;
  name->published.link = port.link;
  name->published.holder = kHolderKernel;
  name->is_published = true;
  count_in(unlocked, name->published, &port);
  if (!name->waiting.is_empty()) admissions.push_back(*name);
  return {};
}

base::Result<void> unpublish(Unlocked unlocked, const Silo& silo, std::string_view text) {
  Name* const name = find(text);
  if (name == nullptr) return base::Error::ENOENT;
  if (name->publisher != &silo) return base::Error::EPERM;
  if (!name->is_published) return base::Error::ENOENT;
  note_departure(withdraw(unlocked, *name));
  return {};
}

base::Result<std::uint64_t> connect(Unlocked unlocked, const Thread& thread, const NameArgument& argument) {
  Name* const name = TRY(find_for_connector(thread.silo(), argument.view()));
  if (!contracts_fit(name->contract, argument.contract())) return base::Error::EPROTOTYPE;
  if (!name->is_published) return base::Error::EAGAIN;
  return connect_to(unlocked, thread, *name, argument.contract());
}

ipc::Outcome wait_for_name(Thread& thread, std::string_view text) {
  Name& name = *find(text);  // connect() has found it
  return ipc::wait_in(thread, name.waiting, name.itself);
}

bool admission_pending() { return !admissions.is_empty(); }

bool admit_step(Unlocked unlocked, ipc::WakeList& wakes) {
  Name* const name = admissions.front();
  if (name == nullptr) return true;
  for (unsigned count = 0; count < kAdmittedPerStep && !name->waiting.is_empty(); ++count) {
    Thread& thread = Thread::from(*name->waiting.pop_front());
    if (thread.silo().core() != this_core().id()) {
      // Its table is changed on its own core, which does its call again.
      thread.core().repeat(thread, name->itself);
      continue;
    }
    // Its registers are as they were when it asked.
    const auto argument = NameArgument::parse(Arguments(thread.context()).all_words());
    const auto handle = connect_to(unlocked, thread, *name, argument.ok() ? argument.value().contract() : 0);
    const std::uint64_t word = handle.ok() ? handle.value() : 0;
    ipc::complete(thread, handle.ok() ? base::Result<void>() : base::Result<void>(handle.error()),
                  {.message = {.opcode = 0, .flags = 0, .word = {word}}, .badge = 0, .token = 0});
    wakes.push_back(thread);
  }
  if (name->waiting.is_empty()) admissions.remove(*name);
  return false;
}

Departure unpublish(Unlocked unlocked, Capability& published) {
  // SAFETY: the caller says that it is the first member of a Name.
  return withdraw(unlocked, *static_cast<Name*>(static_cast<void*>(&published)));
}

bool forget_published_by(Unlocked unlocked, const Silo& silo) {
  for (std::uint32_t i = 0; i < names.count; ++i) {
    Name& name = *names.name[i];
    if (!name.is_published || name.publisher != &silo) continue;
    note_departure(withdraw(unlocked, name));
    return true;
  }
  return false;
}

bool forget_published(Unlocked unlocked, const PortObject& port) {
  for (std::uint32_t i = 0; i < names.count; ++i) {
    Name& name = *names.name[i];
    if (!name.is_published || name.published.object != &port) continue;
    note_departure(withdraw(unlocked, name));
    return true;
  }
  return false;
}

}  // namespace kernel
