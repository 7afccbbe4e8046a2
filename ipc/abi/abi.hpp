// SPDX-License-Identifier: Apache-2.0
//
// The interface between silos and kernel: numbers, flags, limits, register layout.
// Owns every constant that both sides must agree on; the tables are in syscalls.def, errors.def and rights.def.
// Includes nothing but <cstdint>, so that silos, tools and kernel can all use it.
#pragma once

#include <cstdint>

namespace abi {

/// Version of the interface; a major step breaks programs. Returned by ABI_VERSION as major << 16 | minor.
inline constexpr std::uint32_t kVersionMajor = 0;
inline constexpr std::uint32_t kVersionMinor = 1;

enum class SystemCall : std::uint64_t {
#define SYSTEM_CALL(number, name, object, right, in, out, errors, text) name = number,
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
};

/// Type of the object that a capability names. The values are part of the interface (HANDLE_INFO).
enum class ObjectType : std::uint64_t {
  None = 0,
  Port = 1,
  Channel = 2,  ///< SyncChan
  Console = 3,
  Silo = 4,
  System = 5,
  AsyncChannel = 6,
  Notification = 7,
  Semaphore = 8,
  Timer = 9,
  Region = 10,
  Audit = 11,     ///< the record of denials and of what becomes of silos
  Trace = 12,     ///< the record of events of each core
  Interrupt = 13  ///< an interrupt line of the machine
};

/// Right bits of a capability (rights.def).
enum class Right : std::uint64_t {
  None = 0,
#define RIGHT(name, bit, type, text) name = std::uint64_t{1} << (bit),
#include "ipc/abi/rights.def"
#undef RIGHT
};

/// Classes of calls that SILO_PLEDGE can give up (pledges.def).
enum class Pledge : std::uint64_t {
#define PLEDGE(name, bit, text) name = std::uint64_t{1} << (bit),
#include "ipc/abi/pledges.def"
#undef PLEDGE
};

/// Kinds of quotas (quotas.def).
enum class QuotaKind : unsigned {
#define QUOTA(name, key, text) name,
#include "ipc/abi/quotas.def"
#undef QUOTA
};
inline constexpr unsigned kQuotaKinds = 0
#define QUOTA(name, key, text) +1
#include "ipc/abi/quotas.def"
#undef QUOTA
    ;
/// A number for each kind of quota.
struct Quotas {
  std::uint32_t limit[kQuotaKinds] = {};
  constexpr std::uint32_t& operator[](QuotaKind kind) { return limit[static_cast<unsigned>(kind)]; }
  constexpr std::uint32_t operator[](QuotaKind kind) const { return limit[static_cast<unsigned>(kind)]; }
};
/// The keys of the manifest, in the order of QuotaKind.
inline constexpr const char* kQuotaKeys[kQuotaKinds] = {
#define QUOTA(name, key, text) key,
#include "ipc/abi/quotas.def"
#undef QUOTA
};

/// What a wait or a binding can wait for; the low bits of a handle in the set of WAIT_ANY say which.
enum class Event : std::uint64_t { Readable = 1, Writable = 2 };

/// What REGION_MAP maps a region for.
enum class RegionAccess : std::uint64_t { Read = 1, ReadWrite = 2 };

/// State of a silo as SILO_STATUS tells it.
enum class SiloState : std::uint64_t {
  Ready = 0,
  Running = 1,
  Exited = 2,
  Faulted = 3,
  Killed = 4  ///< stopped by an operator (SYSTEM_KILL); why: the operator's silo
};

/// Why a silo was stopped. The values are part of the interface (SILO_STATUS).
enum class FaultKind : std::uint64_t {
  None = 0,
  Translation = 1,           ///< nothing is mapped at the address
  Permission = 2,            ///< mapped, but not for this kind of access
  AddressSize = 3,           ///< the address is beyond the address space, or carries a tag
  Alignment = 4,             ///< data, stack pointer or program counter is misaligned
  UndefinedInstruction = 5,  ///< undefined, or reserved for the kernel
  TrappedRegister = 6,       ///< a system register or instruction that silos may not use
  Breakpoint = 7,            ///< brk, or a debug exception
  FloatingPoint = 8,         ///< a trapped floating-point exception
  ExternalAbort = 9,         ///< the memory system refused the access
  Other = 10,
  BudgetOverrun = 11,  ///< a thread would have run on when its budget was used up, and `overrun` says fault
  Watchdog = 12        ///< no thread of it has waited, nor it kicked, within the time of its watchdog
};

/// What becomes of a thread that wants to run on when its budget is used up. The values are part of the system image.
enum class Overrun : std::uint32_t {
  Throttle = 0,  ///< it waits until some of the budget comes back
  Fault = 1,     ///< its silo is stopped
  EndCall = 2    ///< if a server has used it up, its call ends with ETIMEDOUT; otherwise it waits
};

/// What a record of the audit is about.
enum class AuditCategory : std::uint64_t {
  Denial = 1,     ///< a call was refused; what: its number, detail: the error
  Lifecycle = 2,  ///< what became of a silo; what: AuditLife
  Quota = 3,      ///< a call was refused because a quota is used up; as Denial
  Deadline = 4,   ///< an operation has ended because the deadline of its link has passed; as Denial
  Overrun = 5     ///< a call has ended because the caller's budget was used up in it; as Denial
};
/// Events of a silo's life in the audit.
enum class AuditLife : std::uint64_t {
  Started = 1,
  Exited = 2,         ///< detail: the exit status
  Faulted = 3,        ///< detail: FaultKind, more: the address if there is one
  Killed = 4,         ///< detail: the silo that did it
  Restarted = 5,      ///< it runs anew; detail: how often it has by now, more: ticks since it ended
  Poison = 7,         ///< a message has ended it twice and is set aside; detail: its opcode, more: its first word
  StaysDown = 6,      ///< it does not come back, though its policy is to restart; detail: StaysDownReason
  Replaced = 9,       ///< it is to run another of its images; detail: which, more: the silo that wants it
  ImageRefused = 10,  ///< that image is not sound, and it goes on with what it has; detail: which, more: that silo
  InterruptStorm = 8  ///< a line of its fires more often than its limit; detail: the line, more: the limit per second
};

/// Why a silo does not come back (AuditLife::StaysDown).
enum class StaysDownReason : std::uint64_t {
  LimitUsedUp = 1,     ///< of restarts in its period
  NobodyAnswered = 2,  ///< no supervisor has started it in time
  GroupStopped = 3,    ///< the limit of one of its group is used up; more: that silo
  Operator = 4,        ///< stopped while it was to come back
  NoCapability = 5,    ///< one of the manifest's could not be given to it again
  OtherContract = 6    ///< its program speaks another contract than the object of one of them
};

/// What becomes of a silo that has faulted or exited (manifest: restart). An operator's stop is final with each.
enum class RestartMode : std::uint8_t {
  Never = 0,
  Always = 1,
  Limited = 2,    ///< so many times in a period, then a safe state
  Supervised = 3  ///< when somebody says so (SYSTEM_START), for which there is kSupervisorPatience
};
/// What the limit of RestartMode::Limited leads to.
enum class SafeState : std::uint8_t {
  StayDown = 0,
  StopGroup = 1,  ///< and all others of its group stop for good
  ResetBoard = 2  ///< the machine starts anew
};
inline constexpr unsigned kRestartLimitMaximum = 16;
inline constexpr std::uint32_t kRestartPeriodMaximum = 3600000000;  ///< microseconds
inline constexpr std::uint32_t kRestartBackoffMaximum = 60000000;   ///< microseconds
inline constexpr unsigned kRestartGroupsMaximum = 16;
inline constexpr std::uint32_t kSupervisorPatience = 1000000;  ///< microseconds

/// One record of the audit, as AUDIT_READ gives it: a word for each of X3-X6 and X9-X12.
struct AuditRecord {
  std::uint64_t sequence;  ///< from 1; one that found no room has used one up as well
  std::uint64_t time;      ///< ticks
  std::uint64_t subject;   ///< silo | category << 32 | type of the object that the handle named << 40
  std::uint64_t what;      ///< number of the call, or AuditLife
  std::uint64_t detail;    ///< error (positive), FaultKind, exit status
  std::uint64_t handle;    ///< X0 of a refused call if it takes a handle, else 0
  std::uint64_t repeats;   ///< further denials like this one, by the same silo and with none of another kind between
  std::uint64_t more;      ///< a denial: later ones of this silo that found no room; a fault: its address
};
inline constexpr unsigned kAuditCategoryShift = 32;
inline constexpr unsigned kAuditObjectShift = 40;

/// What a thread waits for, in its ObservedThread.
enum class ThreadWait : std::uint64_t {
  Nothing = 0,
  PortRoom = 1,        ///< to queue a message
  PortCall = 2,        ///< for somebody to take its call
  Reply = 3,           ///< the object is the port if it is still there
  PortMessage = 4,     ///< to receive
  ChannelRoom = 5,     ///< of either kind of channel
  ChannelMessage = 6,  ///< of a SyncChan
  Event = 7,           ///< of a notification, a semaphore, an AsyncChan
  Any = 8,             ///< of several events
  Time = 9,            ///< until a deadline alone
  Kernel = 10          ///< for the kernel to finish its call
};
/// State of a thread, in its ObservedThread.
enum class ThreadState : std::uint64_t { Ready = 0, Running = 1, Blocked = 2, Ending = 3, Dead = 4 };

inline constexpr unsigned kObservedNameBytes = 32;  ///< of a name in a record of an observer; the rest is 0

/// One silo, as SYSTEM_SILOS gives it.
struct SiloRecord {
  char name[kObservedNameBytes];
  std::uint32_t silo;
  std::uint32_t state;  ///< SiloState
  std::uint64_t why;    ///< exit status, FaultKind, or the silo that stopped it
  std::uint64_t fault_address;
  std::uint32_t core;
  std::uint32_t live_threads;
  std::uint64_t pages;  ///< of memory: its own, and those of the regions that it has made
  std::uint64_t sent;
  std::uint64_t received;
  std::uint64_t refused;
  std::uint64_t cpu_time;  ///< ticks
  std::uint32_t capabilities;
  std::uint32_t label;
  std::uint64_t reserved[2];  ///< 0
};
/// One thread, as SYSTEM_THREADS gives it.
struct ObservedThread {
  char name[kObservedNameBytes];
  char object[kObservedNameBytes];  ///< what it waits at; empty if that has no name
  std::uint32_t silo;
  std::uint32_t thread;       ///< its place in the silo, 0 is main
  std::uint32_t state;        ///< ThreadState
  std::uint32_t wait;         ///< ThreadWait
  std::uint32_t object_type;  ///< ObjectType
  std::uint32_t priority;
  std::uint32_t effective_priority;
  std::uint32_t core;
  std::uint64_t cpu_time;     ///< ticks
  std::uint32_t server_silo;  ///< while it waits for a reply: whose thread owes it
  std::uint32_t server_thread;
  std::uint64_t reserved[2];  ///< 0
};
/// One capability, as SYSTEM_CAPABILITIES gives it.
struct CapabilityRecord {
  char object[kObservedNameBytes];  ///< name from the manifest; empty if a silo made it
  std::uint64_t rights;
  std::uint64_t badge;
  std::uint32_t slot;
  std::uint16_t type;      ///< ObjectType
  std::uint16_t end;       ///< of a SyncChan: 0 or 1
  std::uint64_t identity;  ///< equal for two capabilities of one moment if and only if they name the same object
};
static_assert(sizeof(SiloRecord) == 128 && sizeof(ObservedThread) == 128 && sizeof(CapabilityRecord) == 64);

/// Kinds of events that tracing records. Never renumbered; 0 to 9 are those of the reference.
enum class TraceEvent : std::uint64_t {
  SyscallEntry = 0,    ///< number, handle
  SyscallExit = 1,     ///< number, status; a call that blocked exits when it completes
  SchedSwitchOut = 2,  ///< state of the thread (0 ready, 1 running, 2 blocked, 3 ending, 4 dead), what it is blocked on
  SchedSwitchIn = 3,   ///< priority it runs at, its own priority
  IpcFastSend = 4,     ///< thread that took the message at once, handle
  IpcFastReceive = 5,  ///< badge, handle
  FrameAlloc = 6,      ///< physical address, pages
  FrameFree = 7,       ///< physical address, pages
  PageFault = 8,       ///< address, program counter; every fault of a silo
  IpcSlowPath = 9,     ///< the send was queued, or the thread blocks: number of the call, handle
  Interrupt = 10,      ///< number at the interrupt controller, kind (1 timer, 2 stray)
  TimerExpiry = 11,    ///< thread whose deadline has passed
  Wake = 12,           ///< thread whose blocked call has completed, its status
  Block = 13,          ///< what the thread is blocked on, number of the call
  SiloStop = 14,       ///< SiloState, exit status or FaultKind
  CapabilityGrant = 15,   ///< handle that was derived from (0: it came with a message or by a name), new handle
  CapabilityRevoke = 16,  ///< handle
  CapabilityClose = 17,   ///< handle
  RegionMap = 18,         ///< address, bytes
  RegionUnmap = 19,       ///< address, bytes
  Idle = 20,              ///< the core sleeps until the next interrupt
  TraceOn = 21            ///< tracing begins; the thread that turned it on runs
};

/// One record of the trace: two in the results of TRACE_READ. Threads are named by make_trace_thread.
struct TraceRecord {
  std::uint64_t time;  ///< ticks
  std::uint8_t event;  ///< TraceEvent
  std::uint8_t core;
  std::uint16_t silo;    ///< whose thread it was about
  std::uint32_t thread;  ///< its place in the silo, 0 is main
  std::uint64_t data[2];
};
static_assert(sizeof(AuditRecord) == 64 && sizeof(TraceRecord) == 32);
/// The word of a record behind its time, as it lies in memory and as TRACE_READ gives it.
constexpr std::uint64_t make_trace_kind(const TraceRecord& record) {
  return record.event | std::uint64_t{record.core} << 8 | std::uint64_t{record.silo} << 16 |
         std::uint64_t{record.thread} << 32;
}
constexpr std::uint64_t make_trace_thread(std::uint32_t silo, std::uint32_t thread) {
  return std::uint64_t{silo} << 16 | std::uint64_t{thread} << 32;
}

/// Which times PORT_CALL_STATS and PORT_CALL_HISTOGRAM tell.
enum class CallTime : std::uint64_t { Service = 0, Waiting = 1 };

/// Flags word (X2). Bits the kernel sets must be 0 on entry; every other bit is EINVAL.
inline constexpr std::uint64_t kFlagEightWords = std::uint64_t{1} << 0;  ///< X9-X12 carry words 4-7
/// The last word (X6, or X12 of eight) is the handle of a capability to send along, the word before it the rights that
/// it shall have. The receiver finds the new handle and its rights there, and the flag says that there is one.
inline constexpr std::uint64_t kFlagTransfer = std::uint64_t{1} << 1;
inline constexpr std::uint64_t kFlagMove = std::uint64_t{1} << 2;    ///< with TRANSFER: the sender's own goes with it
inline constexpr std::uint64_t kFlagAccept = std::uint64_t{1} << 3;  ///< of a call: the reply may bring a capability
inline constexpr std::uint64_t kFlagReplyLost = std::uint64_t{1} << 8;  ///< kernel: the reply just given was lost
inline constexpr std::uint64_t kFlagsFromUser = 0xf;                    ///< those that a sender may set

/// Deadlines are absolute CNTVCT_EL0 ticks.
inline constexpr std::uint64_t kDeadlineDoNotBlock = 0;
inline constexpr std::uint64_t kDeadlineForever = ~std::uint64_t{0};

inline constexpr unsigned kMessageWords = 8;
inline constexpr unsigned kPortQueueCapacity = 16;
inline constexpr unsigned kChannelCapacityMaximum = 1024;
inline constexpr unsigned kOwedRepliesMaximum = 16;         ///< calls one thread may have taken and not answered
inline constexpr unsigned kWaitAnyMaximum = 8;              ///< objects that one WAIT_ANY can wait for
inline constexpr unsigned kBindingsPerEvent = 8;            ///< of one event of one object, by all silos together
inline constexpr unsigned kSemaphoreMaximum = 2147483647;   ///< a semaphore counts no further
inline constexpr unsigned kTimerPeriodMinimum = 50;         ///< of a periodic timer, in microseconds
inline constexpr unsigned kTimersMaximum = 512;             ///< in the whole system
inline constexpr unsigned kAsyncCapacityMaximum = 256;      ///< of an AsyncChan
inline constexpr unsigned kBatchMaximum = 16;               ///< messages of one batch, entries of a message page
inline constexpr unsigned kConsoleBytesMaximum = 64;        ///< per CONSOLE_WRITE
inline constexpr unsigned kConsoleReadMaximum = 4096;       ///< per CONSOLE_READ
inline constexpr unsigned kPriorityCount = 64;              ///< 0 to 63, higher is more urgent
inline constexpr unsigned kPublishedNamesMaximum = 64;      ///< names under which ports can be published
inline constexpr unsigned kCallDepthMaximum = 8;            ///< calls that wait for each other in a line
inline constexpr unsigned kBudgetMinimum = 10;              ///< of a thread, in microseconds
inline constexpr unsigned kPeriodMinimum = 50;              ///< of a budget, in microseconds
inline constexpr unsigned kPeriodMaximum = 60000000;        ///< of a budget or a frame, in microseconds
inline constexpr unsigned kLinksMaximum = 255;              ///< capabilities of a manifest that have a deadline
inline constexpr unsigned kLinkDeadlineMinimum = 10;        ///< of a link, in microseconds
inline constexpr unsigned kLinkDeadlineMaximum = 60000000;  ///< of a link, in microseconds
inline constexpr unsigned kWatchdogMinimum = 1000;          ///< of a silo, in microseconds
inline constexpr unsigned kWatchdogMaximum = 60000000;      ///< of a silo, in microseconds
inline constexpr unsigned kWindowsMaximum = 64;             ///< of a core's schedule
inline constexpr unsigned kPartitionsMaximum = 16;  ///< groups of silos that share windows, by all cores together
inline constexpr unsigned kIdlePartition = 16;      ///< of a window in which nobody runs
inline constexpr unsigned kNameLengthMaximum = 31;  ///< of silos, threads and objects, in bytes

/// One entry of a thread's message page: a message of a batch, 128 bytes. Sending, the kernel reads opcode, flags and
/// the words that the flags announce, each once; receiving, it writes all of it.
struct MessageEntry {
  std::uint64_t opcode;
  std::uint64_t flags;                ///< sending: 0 or kFlagEightWords
  std::uint64_t word[kMessageWords];  ///< as in the registers
  std::uint64_t badge;                ///< of the sender, as X7
  std::uint64_t token;                ///< reply token or 0, as X8
  std::uint64_t label;                ///< of the sending silo, as X14
  std::uint64_t reserved[3];          ///< 0
};
static_assert(sizeof(MessageEntry) == 128);
struct MessagePage {
  MessageEntry entry[kBatchMaximum];
};
/// Where message pages are: above everything that a system image can describe, 4 KiB for each thread of the silo.
/// MESSAGE_PAGE tells a thread which is its own.
inline constexpr std::uint64_t kMessagePagesStart = 0x40000000;

inline constexpr unsigned kCallTimeBuckets = 40;     ///< of PORT_CALL_HISTOGRAM
inline constexpr unsigned kAuditCapacity = 2048;     ///< records of the audit that can be unread
inline constexpr unsigned kTraceCapacity = 4096;     ///< records of the trace, for each core
inline constexpr unsigned kRateBurstMaximum = 1024;  ///< of a silo's message rate

/// What one system image may describe (the tool refuses more, and so does the kernel).
inline constexpr unsigned kSilosMaximum = 250;            ///< below the 255 VMIDs of an 8-bit core
inline constexpr unsigned kCoresMaximum = 8;              ///< that run silos
inline constexpr unsigned kThreadsMaximum = 1024;         ///< in the whole system
inline constexpr unsigned kRegionsPerSiloMaximum = 32;    ///< a stack takes one, program and heap at most four
inline constexpr unsigned kImagesPerSiloMaximum = 8;      ///< the one it is loaded with at boot is one
inline constexpr unsigned kManifestObjectsMaximum = 512;  ///< ports and channels
inline constexpr unsigned kCapabilitySlotsMinimum = 8;    ///< of a capability table, a power of two
inline constexpr unsigned kCapabilitySlotsMaximum = 4096;

inline constexpr unsigned kInterruptRateMaximum = 1000000;  ///< of a line, per second; also of its burst
inline constexpr unsigned kDevicesMaximum = 64;             ///< of silos, in the whole system
/// Where devices are in a silo: behind the message pages, up to kDevicesEnd.
inline constexpr std::uint64_t kDevicesStart = 0x40100000;
inline constexpr std::uint64_t kDevicesEnd = 0x48000000;

/// Shared regions.
inline constexpr unsigned kRegionPagesMaximum = 1048576;       ///< of one region: 4 GiB
inline constexpr unsigned kMappingsPerSiloMaximum = 32;        ///< of shared regions, at a time
inline constexpr unsigned kSharedRegionsPerSiloMaximum = 256;  ///< that one silo makes, at a time

/// A handle is generation << 32 | index << 6; index 0 is never given out, so 0 is never valid.
inline constexpr unsigned kHandleIndexShift = 6;
inline constexpr unsigned kHandleGenerationShift = 32;
constexpr std::uint64_t make_handle(std::uint32_t generation, std::uint32_t index) {
  return (std::uint64_t{generation} << kHandleGenerationShift) | (std::uint64_t{index} << kHandleIndexShift);
}
/// The handle of the manifest's capability in slot `index`: its generation is 1.
constexpr std::uint64_t make_manifest_handle(std::uint32_t index) { return make_handle(1, index); }

}  // namespace abi
