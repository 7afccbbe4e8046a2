// SPDX-License-Identifier: Apache-2.0
//
// Manifest: a system as its author wrote it, by names. read_manifest() fills it from TOML (types, ranges, unknown
// keys); check_manifest() says whether its parts fit together. Everything remembers its line. Invariant: a Manifest
// that both have passed can be turned into capabilities (capabilities.hpp) without a further test.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ipc/abi/abi.hpp"
#include "tools/granary/contracts.hpp"
#include "tools/granary/diagnostics.hpp"

namespace tool {

inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr unsigned kDefaultPriority = 16;
inline constexpr std::uint64_t kDefaultStackBytes = 16 << 10;
inline constexpr std::uint64_t kMinimumStackBytes = 4 << 10;
inline constexpr std::uint64_t kMaximumStackBytes = 16 << 20;
inline constexpr std::uint64_t kMaximumHeapBytes = 512 << 20;
inline constexpr unsigned kDefaultChannelCapacity = 16;
inline constexpr unsigned kDefaultCapabilitySlots = 64;
inline constexpr unsigned kMaximumThreads = 28;  ///< of a silo: regions less text, rodata, data and heap
inline constexpr unsigned kMaximumQuota = 65536;
inline constexpr unsigned kDefaultTransfers = 4;  ///< capabilities that a silo may have on their way
inline constexpr std::uint64_t kMaximumRegionBytes = 256 << 20;

/// A name that stands for something elsewhere in the manifest.
struct Reference {
  std::string name{};
  Location at{};
};

/// Processor time that a thread may use: `amount` in any `period`, in microseconds. 0: as much as there is.
struct Budget {
  unsigned amount = 0;
  unsigned period = 0;
  abi::Overrun overrun = abi::Overrun::Throttle;
  Location at{};
};

struct Thread {
  std::string name{};   ///< "main" is the first and needs no table
  std::string entry{};  ///< symbol; empty for main, which begins at the ELF's entry
  unsigned priority = kDefaultPriority;
  std::uint64_t stack_bytes = kDefaultStackBytes;
  unsigned core = 0;
  Budget budget{};
  Location at{};
};

/// Messages that a silo may send, per second; 0 is without limit.
struct Rate {
  unsigned messages = 0;
  unsigned bytes = 0;
  unsigned burst = 0;  ///< how many seconds' worth at once
};

/// What becomes of a silo that has ended.
struct Restart {
  abi::RestartMode mode = abi::RestartMode::Never;
  unsigned limit = 0;    ///< in `period`
  unsigned period = 0;   ///< microseconds
  unsigned backoff = 0;  ///< microseconds
  abi::SafeState then = abi::SafeState::StayDown;
  std::string group{};  ///< empty: it restarts alone
  Location at{};
  Location group_at{};
};

/// A further program that an operator can have a silo restarted with.
struct ProgramImage {
  std::string name{};
  std::vector<std::string> program{};  ///< as written, relative to the manifest
  Location at{};
  Location program_at{};
};

struct Silo {
  std::string name{};
  std::vector<std::string> program{};  ///< as written, relative to the manifest
  std::uint64_t argument = 0;
  std::uint64_t heap_bytes = 0;
  bool console = true;
  bool owns_console = false;   ///< may take the transmitter; one silo at most
  bool waits_for_any = false;  ///< for all that it waits for at once: an executor, WAIT_ANY
  bool verdict = false;
  bool is_operator = false;  ///< may look at everything, and stop silos
  bool audit = false;
  bool trace = false;
  unsigned watchdog = 0;  ///< microseconds; 0: none
  Rate rate{};
  abi::Quotas quota{};
  std::optional<unsigned> capability_slots{};
  std::vector<Reference> observe{};
  std::vector<Reference> children{};  ///< silos into whose tables it may put capabilities
  std::uint32_t label = 0;            ///< tier | family << 8 | compartment << 16
  Restart restart{};
  std::vector<Thread> threads{};       ///< [0] is main
  std::vector<ProgramImage> images{};  ///< image n is [n - 1]; image 0 is `program`
  Location at{};
  Location program_at{};
  Location watchdog_at{};
  Location capability_slots_at{};
};

/// The program is an ELF file made elsewhere.
bool is_prebuilt(const std::vector<std::string>& program);

struct Client {
  Reference silo{};
  std::uint64_t rights = 0;
  std::uint64_t badge = 0;
  unsigned deadline = 0;  ///< of its calls and sends, microseconds; 0: none
};

struct Port {
  std::string name{};
  Reference owner{};
  bool shareable = false;  ///< the owner may pass it on: it has the rights to send and call itself
  std::vector<Client> clients{};
  Contract messages{};  ///< none: anything may be sent
  unsigned object = 0;  ///< its number in the system image: ports first, then channels, in the order of the file
  Location at{};
};

struct Channel {
  std::string name{};
  unsigned capacity = kDefaultChannelCapacity;
  unsigned deadline = 0;  ///< of sends and receives at either end, microseconds; 0: none
  bool duplex = false;
  bool transfer = false;     ///< capabilities may travel through it
  bool redelivers = false;   ///< what a receiver has in hand when it ends comes again
  unsigned outstanding = 0;  ///< so many messages at most are unreceived, by the programs' own protocol; 0: not said
  Reference end[2];          ///< one-way: from, to
  Contract messages{};       ///< none: anything may be sent
  unsigned object = 0;
  Location at{};
};

/// An AsyncChan, notification, semaphore or region: who gives to it and who takes from it.
struct SharedObject {
  std::string name{};
  abi::ObjectType type = abi::ObjectType::None;
  std::uint64_t amount = 0;  ///< capacity, initial count, or pages
  struct User {
    Reference silo{};
    std::uint64_t rights = 0;
    std::uint64_t badge = 0;
  };
  std::vector<User> users{};  ///< each silo once
  Contract messages{};        ///< none: anything may be sent
  unsigned object = 0;
  Location at{};
};

/// The machines that paths can be given for; place 0 is for those that have none of their own (boot::PlaceNode).
inline constexpr std::array<const char*, 3> kBoardNames{"", "virt", "raspi4b"};

/// Where something is in the device tree, for each machine.
struct BoardPath {
  std::array<std::string, kBoardNames.size()> path{};
  std::array<std::optional<unsigned>, kBoardNames.size()> index{};
  Location at{};
};

/// An interrupt line of the machine for a silo.
struct InterruptLine {
  std::string name{};
  Reference silo{};
  BoardPath place{};
  unsigned rate = 0;   ///< how often in a second
  unsigned burst = 0;  ///< and at once
  unsigned object = 0;
  Location at{};
};

/// Pages of a device for a silo.
struct Device {
  std::string name{};
  Reference silo{};
  BoardPath place{};
  std::uint64_t bytes = 0;    ///< whole pages: there is room for so much
  std::uint64_t address = 0;  ///< in the silo
  Location at{};
};

/// A name under which a silo may publish a port, and who may connect to it.
struct PublishedName {
  std::string name{};
  Reference publisher{};
  std::vector<Client> connectors{};
  Contract messages{};  ///< none: anything may be sent
  Location at{};
};

/// `from` may ever reach `to`.
struct Flow {
  Reference from{}, to{};
};

/// What the author wants to be so, whatever else the manifest says: checked over all that could ever be passed on.
struct Assertion {
  bool deny = true;  ///< `from` never reaches `to`; else nobody but `from` does
  Reference from{};  ///< a silo
  Reference to{};    ///< a silo, or an object, device or interrupt
};

/// When the silos of a core run, again and again. Times in microseconds.
struct Schedule {
  struct Window {
    std::vector<Reference> silos{};
    unsigned start = 0;  ///< from the frame's beginning
    unsigned length = 0;
    Location at{};
  };
  std::string name{};  ///< "core0"
  unsigned core = 0;
  unsigned frame = 0;
  bool slack_for_others = false;  ///< between the windows those silos run that are in none; otherwise nobody
  std::vector<Window> windows{};
  Location at{};
};

struct Manifest {
  std::string system{};
  std::filesystem::path file{};
  bool allow_call_cycles = false;
  bool allow_inversions = false;
  bool allow_wait_cycles = false;  ///< nor over full queues and events
  bool fold_cores = false;         ///< on a machine with fewer cores, core n is n modulo their number
  std::vector<Silo> silos{};       ///< in the order of the file; the place is the silo's number
  std::vector<Port> ports{};
  std::vector<Channel> channels{};
  std::vector<SharedObject> shared{};       ///< numbered behind the channels, in the order of the file within each type
  std::vector<InterruptLine> interrupts{};  ///< numbered behind those
  std::vector<Device> devices{};
  std::vector<PublishedName> published{};
  std::vector<Schedule> schedules{};
  std::vector<Assertion> assertions{};
  std::optional<std::vector<Flow>> flows{};  ///< nothing: every silo may reach every other one

  const Silo* find_silo(const std::string& name) const;
  /// Where a source or ELF file lies, as seen from the current folder.
  std::filesystem::path resolve(const std::string& program) const;
  std::vector<std::string> silo_names() const;
  /// How many a machine needs for it: the highest that it names and one more; with fold_cores, one will do.
  unsigned cores() const;
};

/// Reads the file; what it refuses is in `diagnostics`, and the result is then incomplete.
Manifest read_manifest(const std::filesystem::path& file, Diagnostics& diagnostics);

/// Names, links, programs, tables, wait cycles. Only for a manifest that was read without an error. True if at least
/// its names are sound, so that it can be drawn. Files of programs that are not there are errors for who builds, and
/// warnings for who looks at a design.
enum class ProgramFiles { Needed, MayBeMissing };
bool check_manifest(const Manifest& manifest, Diagnostics& diagnostics, ProgramFiles files = ProgramFiles::Needed);

/// What is sound and yet hardly meant, as warnings: for the commands that a user sees once. Only for a manifest that
/// has passed both.
void warn_about(const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tool
