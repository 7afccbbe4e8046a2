// SPDX-License-Identifier: Apache-2.0
//
// The rows (manifest_keys.hpp), in the order of docs/manifest.md. Links are relative to docs/.
#include "tools/granary/manifest_keys.hpp"

#include <iterator>

#include "ipc/abi/abi.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {
namespace {

constexpr std::uint64_t kLargestInteger = (std::uint64_t{1} << 63) - 1;
constexpr std::uint64_t kLargest32 = 0xffff'ffff;
constexpr std::string_view kNeeded = "needed", kFalse = "`false`", kNone = "none", kEmpty = "`[]`";
constexpr std::string_view kSilos = "array of silos";

constexpr ManifestKey flag(std::string_view table, std::string_view key, std::string_view meaning,
                           std::string_view fallback = kFalse, std::string_view range = "") {
  return {table, key, kBooleanKey, "boolean", fallback, 0, 0, range, meaning};
}
constexpr ManifestKey number(std::string_view table, std::string_view key, std::string_view fallback,
                             std::uint64_t minimum, std::uint64_t maximum, std::string_view meaning,
                             std::string_view range = "") {
  return {table, key, kIntegerKey, "integer", fallback, minimum, maximum, range, meaning};
}
constexpr ManifestKey text(std::string_view table, std::string_view key, std::string_view fallback,
                           std::string_view meaning, std::string_view range = "", std::string_view type = "string") {
  return {table, key, kStringKey, type, fallback, 0, 0, range, meaning};
}
constexpr ManifestKey size(std::string_view table, std::string_view key, std::string_view fallback,
                           std::uint64_t minimum, std::uint64_t maximum, std::string_view meaning) {
  return {table, key, kSizeKey, "size", fallback, minimum, maximum, "", meaning};
}
constexpr ManifestKey time(std::string_view table, std::string_view key, std::string_view fallback,
                           std::uint64_t minimum, std::uint64_t maximum, std::string_view meaning,
                           std::string_view range = "") {
  return {table, key, kTimeKey, "time", fallback, minimum, maximum, range, meaning};
}
constexpr ManifestKey names(std::string_view table, std::string_view key, std::string_view fallback,
                            std::string_view meaning, std::string_view type = kSilos, std::string_view range = "") {
  return {table, key, kStringsKey, type, fallback, 0, 0, range, meaning};
}
constexpr ManifestKey tables(std::string_view table, std::string_view key, std::string_view meaning,
                             std::string_view range = "") {
  return {table, key, kTablesKey, "tables", kNone, 0, 0, range, meaning};
}
constexpr ManifestKey other(std::string_view table, std::string_view key, unsigned kinds, std::string_view type,
                            std::string_view fallback, std::string_view meaning, std::string_view range = "") {
  return {table, key, kinds, type, fallback, 0, 0, range, meaning};
}
constexpr ManifestKey quota(std::string_view key, std::string_view meaning, std::string_view fallback = "0",
                            std::uint64_t maximum = kMaximumQuota) {
  return number("silo.quota", key, fallback, 0, maximum, meaning);
}

constexpr std::string_view kMessages = "its messages, with types ([below](#messages-with-types))";
constexpr std::string_view kPath = "a node of the device tree, `/soc/timer@7e003000`";

constexpr ManifestKey kKeys[] = {
    text("", "system", "name of the file", "name of the system"),
    flag("", "fold_cores",
         "on a machine with fewer cores than silos ask for, core n is the one with the number n modulo how many there "
         "are; without it such a machine stops at boot"),
    flag("", "allow_call_cycles",
         "accept silos that may call one another in a circle; the kernel then answers EDEADLK, or a deadline passes"),
    flag("", "allow_wait_cycles",
         "accept silos that may wait for one another in a circle over full queues and events as well "
         "([below](#what-is-refused-as-a-wait-cycle))"),
    flag("", "allow_inversions",
         "accept priority inversions over queues ([below](#what-is-refused-as-a-priority-inversion))"),
    tables("", "silo", "`[silo.NAME]`: a program with memory of its own"),
    tables("", "port", "`[port.NAME]`: calls and messages to one silo"),
    tables("", "channel", "`[channel.NAME]`: a queue between two silos"),
    tables("", "async", "`[async.NAME]`: a queue whose senders never wait"),
    tables("", "notification", "`[notification.NAME]`: 64 bits that tell of events"),
    tables("", "semaphore", "`[semaphore.NAME]`: a count"),
    tables("", "region", "`[region.NAME]`: memory that silos share"),
    tables("", "interrupt", "`[interrupt.NAME]`: an interrupt line of the machine", "512 with the others"),
    tables("", "device", "`[device.NAME]`: registers of a device", "64"),
    tables("", "name", "`[name.NAME]`: a name under which a port can be published at run time", "64"),
    other("", "flow", kTableKey, "table", kNone, "`[flow]`: which silo may ever reach which"),
    other("", "assert", kTableKey, "table", kNone, "`[assert]`: what has to be so, whatever the rest says"),
    tables("", "schedule", "`[schedule.coreN]`: when the silos of a core may run"),

    other("silo", "program", kStringsKey, "string or array", kNeeded,
          "sources (`.cpp`, `.c`, `.S`), compiled with the SDK for this silo; or one `.elf` that is built already"),
    number("silo", "priority", "16", 0, abi::kPriorityCount - 1, "of its main thread; higher is more urgent"),
    size("silo", "stack", "`\"16 KiB\"`", kMinimumStackBytes, kMaximumStackBytes,
         "of its main thread; an unmapped page lies on both sides"),
    size("silo", "heap", "`\"0\"`", 0, kMaximumHeapBytes, "what `malloc` can give"),
    number("silo", "argument", "0", 0, kLargestInteger, "`granary_argument()`"),
    number("silo", "core", "0", 0, abi::kCoresMaximum - 1,
           "where it lives: all of its threads run there and nowhere else. A machine that has no such core stops at "
           "boot and says so"),
    time("silo", "budget", "no limit", abi::kBudgetMinimum, abi::kPeriodMaximum,
         "processor time of its main thread: so much at most in any `period` ([scheduling](scheduling.md)). A time is "
         "`\"100 us\"`, `\"2 ms\"` or `\"1 s\"`",
         "10 us to `period`"),
    time("silo", "period", kNone, abi::kPeriodMinimum, abi::kPeriodMaximum, "of the budget"),
    text("silo", "overrun", "`\"throttle\"`",
         "when the budget is used up: `throttle` waits for more, `fault` stops the silo, `end_call` ends a call whose "
         "server has used it up",
         "these three"),
    time("silo", "watchdog", kNone, abi::kWatchdogMinimum, abi::kWatchdogMaximum,
         "within each such time a thread of it must wait, or it must kick; otherwise it is stopped "
         "([health](health.md))"),
    flag("silo", "console", "may print; handle `console`", "`true`"),
    flag("silo", "owns_console",
         "may take the console's transmitter over from the kernel, and have its registers as a `[device.NAME]` "
         "([shell](shell.md))",
         kFalse, "one silo"),
    flag("silo", "waits_for_any",
         "it waits for all that it waits for at once (an [executor](sdk.md#many-things-to-wait-for), WAIT_ANY), so no "
         "single one keeps it: [wait cycles](#what-is-refused-as-a-wait-cycle)"),
    flag("silo", "operator",
         "may list all silos, threads and capabilities, and stop, start and restart silos, also with another "
         "image; handle `system`"),
    flag("silo", "verdict",
         "may give the system's verdict (`handles::system.verdict(0)` is \"passed\"); handle `system`"),
    flag("silo", "audit", "may read the audit: refused calls and what became of silos; handle `audit`"),
    flag("silo", "trace",
         "may turn tracing on and off and read it; handle `trace`. The kernel takes 128 KiB for it if any silo has it"),
    other("silo", "rate", kTableKey, "table", "no limit", "what it may send; beyond it a send or call is ENOBUFS"),
    other("silo", "label", kTableKey, "table", "all 0", "stamped by the kernel on everything it sends"),
    names("silo", "children", kEmpty, "may put capabilities into their tables; a handle with the name of each"),
    names("silo", "observe", kEmpty, "may ask how they are; a handle with the name of each"),
    number("silo", "capabilities", "fits, 64 at least", abi::kCapabilitySlotsMinimum, abi::kCapabilitySlotsMaximum,
           "size of its capability table, a power of two"),
    other("silo", "restart", kStringKey | kTableKey, "string or table", "`\"never\"`",
          "what becomes of it when it has ended: `never`, `always`, `limited`, `supervised`, or a table "
          "([restart](restart.md))"),
    text("silo", "group", kNone, "silos with the same name here restart together", "16 groups"),
    other("silo", "quota", kTableKey, "table", "all 0, `transfers` 4",
          "what it may have at a time of what it makes at run time"),
    tables("silo", "threads", "further threads", "27"),
    tables("silo", "images",
           "further programs that an operator can have it restarted with; not called `main` nor like the silo "
           "([restart](restart.md#another-image))",
           "7"),

    number("silo.rate", "messages", "0", 0, kLargest32, "a second; 0 is without limit"),
    number("silo.rate", "bytes", "0", 0, kLargest32, "a second; 0 is without limit"),
    number("silo.rate", "burst", "1", 1, abi::kRateBurstMaximum, "seconds' worth that may come at once"),

    text("silo.label", "tier", "`\"critical\"`", "how much depends on it", "`critical` 0, `system` 1, `user` 2"),
    text("silo.label", "family", "`\"system\"`", "what it is",
         "`system` 0, `driver` 1, `filesystem` 2, `network` 3, `wasm` 4, `user` 5"),
    number("silo.label", "compartment", "0", 0, 65535, "a number of your choice"),

    text("silo.restart", "policy", "`\"always\"`", "when it runs again", "`never`, `always`, `limited`, `supervised`"),
    time("silo.restart", "backoff", "`\"10 ms\"`", 0, abi::kRestartBackoffMaximum,
         "before it does; doubled with each restart"),
    number("silo.restart", "limit", "needed, if limited", 1, abi::kRestartLimitMaximum,
           "so many restarts in any `period`"),
    time("silo.restart", "period", "needed, if limited", 1000, abi::kRestartPeriodMaximum, "in which `limit` counts"),
    text("silo.restart", "then", "`\"stay_down\"`", "what becomes of it after those",
         "`stay_down`, `stop_group`, `reset`"),

    quota("ports", "ports"),
    quota("channels", "SyncChans"),
    quota("messages", "message slots that its SyncChans reserve"),
    quota("async_channels", "AsyncChans"),
    quota("async_messages", "message slots of its AsyncChans; each takes its capacity rounded up to 16"),
    quota("notifications", "notifications"),
    quota("semaphores", "semaphores"),
    quota("timers", "timers"),
    quota("bindings", "subscriptions of a notification to an event of another object"),
    quota("regions", "shared regions", "0", abi::kSharedRegionsPerSiloMaximum),
    quota("region_pages", "pages of 4 KiB of its regions"),
    quota("mapped_pages", "pages of address space in which it can map regions, those of the manifest too"),
    quota("transfers", "capabilities on their way in messages that nobody has received yet", "4"),

    text("silo.threads", "entry", kNeeded, "its function: `extern \"C\" void worker_main(uint64_t silo_argument)`"),
    number("silo.threads", "priority", "that of the silo", 0, abi::kPriorityCount - 1, "as of the main thread"),
    size("silo.threads", "stack", "`\"16 KiB\"`", kMinimumStackBytes, kMaximumStackBytes, "as of the main thread"),
    number("silo.threads", "core", "that of the silo", 0, abi::kCoresMaximum - 1, "may be written, for the reader",
           "that of the silo"),
    time("silo.threads", "budget", "no limit", abi::kBudgetMinimum, abi::kPeriodMaximum, "as of the main thread",
         "10 us to `period`"),
    time("silo.threads", "period", kNone, abi::kPeriodMinimum, abi::kPeriodMaximum, "as of the main thread"),
    text("silo.threads", "overrun", "`\"throttle\"`", "as of the main thread", "`throttle`, `fault`, `end_call`"),

    other("silo.images", "program", kStringsKey, "string or array", kNeeded,
          "its source file or files; it gets what the silo has: memory, stack, capabilities"),

    time("schedule", "frame", kNeeded, abi::kPeriodMinimum, abi::kPeriodMaximum, "after it the windows begin anew"),
    text("schedule", "slack", "`\"idle\"`",
         "what runs between the windows: nobody (`idle`), or the silos that are in no window (`others`)", "these two"),
    other("schedule", "windows", kArrayKey, "array of tables", kNeeded, "when which silos run", "32"),
    names("schedule.windows", "silos", kNeeded, "who runs in it"),
    time("schedule.windows", "start", kNeeded, 0, abi::kPeriodMaximum, "in the frame"),
    time("schedule.windows", "length", kNeeded, 1, abi::kPeriodMaximum, "of the window"),

    text("port", "owner", kNeeded, "receives and replies", "", "silo"),
    other("port", "clients", kStringsKey | kTablesKey, "array of silos, or a table for each", kEmpty, "send and call"),
    time("port", "deadline", kNone, abi::kLinkDeadlineMinimum, abi::kLinkDeadlineMaximum,
         "so long a call or a waiting send of a client may take at most; ETIMEDOUT ([health](health.md))"),
    flag("port", "shareable",
         "the owner may also send, call and send capabilities along, so it can pass all that on or publish the port"),
    tables("port", "messages", kMessages),
    names("port.clients", "rights", "`[\"send\", \"call\", \"duplicate\"]`",
          "what it may do: these, `grant` (may pass it on) and `transfer` (may send capabilities along)", "array"),
    number("port.clients", "badge", "its place, from 1", 1, kLargestInteger, "by which the owner knows it; each once"),
    time("port.clients", "deadline", "that of the port", abi::kLinkDeadlineMinimum, abi::kLinkDeadlineMaximum,
         "as of the port"),

    text("channel", "from", "", "one way: it sends", "", "silo"),
    text("channel", "to", "", "one way: it receives", "", "silo"),
    names("channel", "between", "", "both ways; instead of `from` and `to`", "array of two silos"),
    number("channel", "capacity", "16", 1, abi::kChannelCapacityMaximum, "messages, for each direction"),
    flag("channel", "transfer", "who sends may send capabilities along"),
    flag("channel", "redeliver", "what a receiver that ends has in hand comes again, once ([restart](restart.md))"),
    time("channel", "deadline", kNone, abi::kLinkDeadlineMinimum, abi::kLinkDeadlineMaximum,
         "so long a waiting send or receive at either end may take at most ([health](health.md))"),
    number("channel", "outstanding", kNone, 1, abi::kChannelCapacityMaximum,
           "so many messages at most are sent and not yet received, in each direction: the programs see to that, by "
           "their protocol. If it is not above the capacity, the queue is never full and nobody waits for room"),
    tables("channel", "messages", kMessages),

    other("port.messages", "fields", kPairsKey, "table of types", "`{}`", "what it holds, in this order", "64 bytes"),
    other("port.messages", "reply", kPairsKey, "table of types", kNone,
          "of a port: it is called, and answered with that", "64 bytes"),
    number("port.messages", "opcode", "its place, from 1", 1, kLargest32, "by which it is known; each once"),

    names("async", "send", kEmpty, "who may send; the badge is the place in the list, from 1"),
    names("async", "receive", kEmpty, "who may receive"),
    number("async", "capacity", "16", 1, abi::kAsyncCapacityMaximum, "messages"),
    tables("async", "messages", kMessages),
    names("notification", "signal", kEmpty,
          "each may set one bit, its place in the list, from bit 0: the badge is that bit", kSilos, "64"),
    names("notification", "wait", kEmpty, "who may wait for and take bits"),
    names("semaphore", "post", kEmpty, "who may count up"),
    names("semaphore", "wait", kEmpty, "who may count down, waiting while it is 0"),
    number("semaphore", "initial", "0", 0, 0x7fff'ffff, "count at the beginning"),
    size("region", "size", kNeeded, kPageBytes, kMaximumRegionBytes, "whole pages"),
    names("region", "write", kEmpty, "may map it for reading and writing"),
    names("region", "read", kEmpty, "may map it for reading"),
    names("region", "dma", kEmpty,
          "of those: may learn where it is in physical memory ([drivers](drivers.md#memory-for-the-device))"),

    text("interrupt", "silo", kNeeded, "who gets it: a handle with that name", "", "silo"),
    other("interrupt", "interrupt", kStringKey | kTableKey, "path, or a table by board", kNeeded,
          "node of the device tree whose interrupt it is"),
    {"interrupt", "index", kIntegerKey | kTableKey, "integer, or a table by board", "0", 0, 255, "",
     "which of the node's interrupts"},
    number("interrupt", "rate", "10000", 1, abi::kInterruptRateMaximum,
           "how often it may fire in a second; beyond that it is held back"),
    number("interrupt", "burst", "100", 1, abi::kInterruptRateMaximum, "and how often at once"),
    text("device", "silo", kNeeded, "who gets it: `devices::NAME`", "", "silo"),
    other("device", "device", kStringKey | kTableKey, "path, or a table by board", kNeeded,
          "node of the device tree whose registers they are"),
    {"device", "index", kIntegerKey | kTableKey, "integer, or a table by board", "0", 0, 255, "",
     "which entry of the node's `reg`"},
    size("device", "size", "`\"4 KiB\"`", kPageBytes, 16 << 20,
         "room for its registers; the kernel refuses a device that is larger"),
    {"by board", "virt", kStringKey | kIntegerKey, "path or index", kNone, 0, 255, "", kPath},
    {"by board", "raspi4b", kStringKey | kIntegerKey, "path or index", kNone, 0, 255, "", kPath},

    text("name", "publisher", kNeeded, "may publish a port under the name", "", "silo"),
    other("name", "connectors", kStringsKey | kTablesKey, "array of silos, or a table for each", kEmpty,
          "may connect: send and call, never receive, and never send capabilities along"),
    tables("name", "messages", kMessages),
    number("name.connectors", "badge", "its place, from 1", 1, kLargestInteger, "by which the publisher knows it"),

    names("flow", "allow", kEmpty, "which silo may ever reach which", "array of `\"a -> b\"` or `\"a <-> b\"`"),
    names("assert", "deny", kEmpty,
          "silo `a` never reaches `b`: a silo, or an object, device or interrupt line that it would hold",
          "array of `\"a -> b\"`"),
    names("assert", "only", kEmpty, "nobody else does; several lines for one `b` name all who may",
          "array of `\"a -> b\"`"),
};

bool read[std::size(kKeys)];

}  // namespace

void note_read(const ManifestKey& row) { read[&row - kKeys] = true; }
std::string never_read() {
  std::string never;
  for (std::size_t i = 0; i < std::size(kKeys); ++i)
    if (!read[i]) never += std::string(kKeys[i].table) + "." + std::string(kKeys[i].key) + " ";
  return never;
}

std::span<const ManifestKey> manifest_keys() { return kKeys; }

std::string_view rows_of(std::string_view table) {
  if (table == "channel.messages" || table == "async.messages" || table == "name.messages") return "port.messages";
  if (table == "interrupt.interrupt" || table == "interrupt.index" || table == "device.device" ||
      table == "device.index")
    return "by board";
  return table;
}

const ManifestKey* find_key(std::string_view table, std::string_view key) {
  for (const ManifestKey& row : kKeys)
    if (row.table == rows_of(table) && row.key == key) return &row;
  return nullptr;
}

}  // namespace tool
