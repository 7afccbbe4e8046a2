// SPDX-License-Identifier: Apache-2.0
//
// Published names: the manifest says which silo may publish a port under which name, and which may connect to it. What
// a connection gives is a capability to send and call, derived from the publisher's, never to receive; its badge is
// that of the manifest. A name is free again when its publisher takes it back or its port ends, so a server that comes
// again can publish it again. Owns the names; they are made at boot and stay.
//
// INVARIANT: at most one port is published under a name, by the silo that the manifest says.
// INVARIANT: nobody waits for a name that is published, but those whom admit_step() is about to serve.
#pragma once

#include <string_view>

#include "kernel/base/fixed_name.hpp"
#include "kernel/capability_table.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

struct PortObject;

/// Of the manifest; `contract` is that of what is published under it, `spoken` what the publisher's program was built
/// with. EINVAL, EEXIST, ENOSPC more than abi::kPublishedNamesMaximum, EPROTOTYPE.
base::Result<void> add_name(std::string_view name, Silo& publisher, std::uint64_t contract = 0,
                            std::uint64_t spoken = 0);
/// `badge` is what the publisher will see, `spoken` as above. ENOENT, EEXIST, EPROTOTYPE; EACCES the flow policy
/// forbids it.
base::Result<void> add_connector(std::string_view name, const Silo& silo, std::uint64_t badge,
                                 std::uint64_t spoken = 0);
/// Start of boot.
void forget_names();

/// ENOENT, EPERM another silo's name or a missing right, EEXIST, EBUSY, EPROTOTYPE (contracts.hpp).
base::Result<void> publish(Unlocked, Silo& silo, Capability& port, const NameArgument& name);
base::Result<void> unpublish(Unlocked, const Silo& silo, std::string_view name);

/// The handle of a new connection for the thread's silo. ENOENT, EACCES, EAGAIN not published, ENOSPC, EBUSY,
/// EPROTOTYPE: at once if the name has another contract, when something is published if that has.
base::Result<std::uint64_t> connect(Unlocked, const Thread& thread, const NameArgument& name);
/// The thread waits until the name is published; it exists, and the silo may connect.
ipc::Outcome wait_for_name(Thread& thread, std::string_view name);
/// Serves a few of those who wait for a name that has been published. True if there was nothing to do.
bool admit_step(Unlocked, ipc::WakeList& wakes);
bool admission_pending();

/// The capability under which a port is published ends: by a revoke.
Departure unpublish(Unlocked, Capability& published);
/// The silo ends: one name under which it has published is free. False if there is none.
bool forget_published_by(Unlocked, const Silo& silo);
/// The port ends: a name that it has is free. False if it has none.
bool forget_published(Unlocked, const PortObject& port);

}  // namespace kernel
