// SPDX-License-Identifier: Apache-2.0
//
// How much memory one of each kind takes, as the sizes of arrays: tools/bench/measure.py reads them out of the object
// file with nm, so nothing has to run. Compiled with the target's flags and all of the kernel's headers.
#include "ipc/async_ring.hpp"
#include "ipc/message_pool.hpp"
#include "kernel/capability_table.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

extern "C" {
extern char thread_record[sizeof(kernel::Thread)];
char thread_record[sizeof(kernel::Thread)];
extern char port_object[sizeof(kernel::PortObject)];
char port_object[sizeof(kernel::PortObject)];
extern char channel_object[sizeof(kernel::ChannelObject)];
char channel_object[sizeof(kernel::ChannelObject)];
extern char queued_message[sizeof(ipc::QueuedMessage)];
char queued_message[sizeof(ipc::QueuedMessage)];
extern char capability_slot[sizeof(kernel::Capability)];
char capability_slot[sizeof(kernel::Capability)];
extern char silo_record[sizeof(kernel::Silo)];
char silo_record[sizeof(kernel::Silo)];
}
