// SPDX-License-Identifier: Apache-2.0
//
// read_manifest: the schema (docs/manifest.md): which keys there are, their types, ranges and defaults. Whether the
// parts fit together is manifest_checks.cpp's business.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "ipc/abi/abi.hpp"
#include "tools/granary/assertions.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/read_devices.hpp"
#include "tools/granary/read_restart.hpp"
#include "tools/granary/read_shared.hpp"
#include "tools/granary/schedule.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

constexpr std::uint64_t right(abi::Right bit) { return static_cast<std::uint64_t>(bit); }
constexpr std::uint64_t kClientRights =
    right(abi::Right::PortSend) | right(abi::Right::PortCall) | right(abi::Right::Duplicate);
constexpr std::uint64_t kLargestInteger = (std::uint64_t{1} << 63) - 1;  // what TOML can write

constexpr std::uint64_t kLargestRate = 0xffff'ffff;

unsigned narrow(std::uint64_t value) { return static_cast<unsigned>(value); }

constexpr std::uint64_t maximum_quota(unsigned kind) {
  return static_cast<abi::QuotaKind>(kind) == abi::QuotaKind::Regions ? abi::kSharedRegionsPerSiloMaximum
                                                                      : kMaximumQuota;
}

constexpr std::uint64_t kLargestCore = abi::kCoresMaximum - 1;

/// A silo lives on one core; a thread may say which, but not another one.
unsigned read_core_of_thread(TomlTable& table, unsigned core_of_silo) {
  const auto core = table.integer("core", 0, kLargestCore);
  if (core && *core != core_of_silo) {
    table.diagnostics().error(
        table.at("core"),
        table.what() + " asks for core " + std::to_string(*core) + ", and its silo lives on core " +
            std::to_string(core_of_silo),
        "all threads of a silo run on its core: leave `core` out here, or make it a silo of its own");
  }
  return core_of_silo;
}

Thread read_thread(const std::string& name, TomlTable& table, const Thread& main) {
  Thread thread{.name = name, .at = table.at()};
  if (const auto entry = table.string("entry", "entry = \"worker_main\"")) {
    thread.entry = *entry;
    if (!is_symbol(*entry))
      table.diagnostics().error(table.at("entry"), "`entry` of " + table.what() + " is not the name of a function",
                                "write the name of an extern \"C\" function: entry = \"worker_main\"");
  } else if (!table.has("entry")) {
    table.diagnostics().error(table.at(), table.what() + " has no `entry`",
                              "name the extern \"C\" function it runs: entry = \"" + name + "_main\"");
  }
  thread.priority = narrow(table.integer("priority", 0, abi::kPriorityCount - 1).value_or(main.priority));
  thread.stack_bytes = table.size("stack", kMinimumStackBytes, kMaximumStackBytes).value_or(kDefaultStackBytes);
  thread.core = read_core_of_thread(table, main.core);
  thread.budget = read_budget(table);
  return thread;
}

ProgramImage read_image(const std::string& name, TomlTable& table) {
  ProgramImage image{.name = name, .at = table.at(), .program_at = table.at("program")};
  if (const auto files = table.strings("program", "program = \"sensor_2.cpp\"", true))
    for (const Reference& file : *files) image.program.push_back(file.name);
  if (!table.has("program"))
    table.diagnostics().error(table.at(), table.what() + " has no `program`",
                              "name its source file or files: program = \"" + name + ".cpp\"");
  return image;
}

Silo read_silo(const std::string& name, TomlTable& table) {
  abi::Quotas default_quota;
  default_quota[abi::QuotaKind::Transfers] = kDefaultTransfers;
  Silo silo{.name = name,
            .quota = default_quota,
            .at = table.at(),
            .program_at = table.at("program"),
            .watchdog_at = table.at("watchdog"),
            .capability_slots_at = table.at("capabilities")};
  if (const auto files = table.strings("program", "program = \"sensor.cpp\"", true))
    for (const Reference& file : *files) silo.program.push_back(file.name);
  if (!table.has("program"))
    table.diagnostics().error(table.at(), table.what() + " has no `program`",
                              "name its source file or files: program = \"" + name + ".cpp\"");
  silo.argument = table.integer("argument", 0, kLargestInteger).value_or(0);
  silo.heap_bytes = table.size("heap", 0, kMaximumHeapBytes).value_or(0);
  silo.console = table.boolean("console").value_or(true);
  silo.owns_console = table.boolean("owns_console").value_or(false);
  silo.waits_for_any = table.boolean("waits_for_any").value_or(false);
  silo.is_operator = table.boolean("operator").value_or(false);
  silo.verdict = table.boolean("verdict").value_or(false);
  silo.audit = table.boolean("audit").value_or(false);
  silo.trace = table.boolean("trace").value_or(false);
  silo.watchdog = narrow(table.time("watchdog", abi::kWatchdogMinimum, abi::kWatchdogMaximum).value_or(0));
  table.table("rate", "the rate of " + table.what(), [&](TomlTable& rate) {
    silo.rate.messages = narrow(rate.integer("messages", 0, kLargestRate).value_or(0));
    silo.rate.bytes = narrow(rate.integer("bytes", 0, kLargestRate).value_or(0));
    silo.rate.burst = narrow(rate.integer("burst", 1, abi::kRateBurstMaximum).value_or(1));
  });
  table.table("quota", "the quota of " + table.what(), [&](TomlTable& quota) {
    for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind)
      silo.quota.limit[kind] =
          narrow(quota.integer(abi::kQuotaKeys[kind], 0, maximum_quota(kind))
                     .value_or(kind == static_cast<unsigned>(abi::QuotaKind::Transfers) ? kDefaultTransfers : 0));
  });
  if (const auto slots = table.integer("capabilities", abi::kCapabilitySlotsMinimum, abi::kCapabilitySlotsMaximum)) {
    silo.capability_slots = narrow(*slots);
    if ((*slots & (*slots - 1)) != 0)
      table.diagnostics().error(
          table.at("capabilities"),
          "`capabilities` of " + table.what() + " is " + std::to_string(*slots) + ", not a power of two",
          "choose 8, 16, 32, 64, ... 4096; the table's index is masked, not compared");
  }
  silo.label = read_label(table);
  silo.restart = read_restart(table);
  silo.children = table.strings("children", "children = [\"other\"]").value_or(std::vector<Reference>{});
  silo.observe = table.strings("observe", "observe = [\"other\"]").value_or(std::vector<Reference>{});

  Thread main{.name = "main", .at = table.at()};
  main.priority = narrow(table.integer("priority", 0, abi::kPriorityCount - 1).value_or(kDefaultPriority));
  main.stack_bytes = table.size("stack", kMinimumStackBytes, kMaximumStackBytes).value_or(kDefaultStackBytes);
  main.core = narrow(table.integer("core", 0, kLargestCore).value_or(0));
  main.budget = read_budget(table);
  silo.threads.push_back(main);
  table.tables("threads", "thread", " of " + table.what(), [&](const std::string& thread, TomlTable& entry) {
    silo.threads.push_back(read_thread(thread, entry, main));
  });
  table.tables("images", "image", " of " + table.what(),
               [&](const std::string& image, TomlTable& entry) { silo.images.push_back(read_image(image, entry)); });
  return silo;
}

std::uint64_t read_rights(TomlTable& table) {
  const auto words = table.strings("rights", "rights = [\"send\", \"call\"]");
  if (!words) return kClientRights;
  struct Word {
    std::string_view text;
    abi::Right right;
  };
  static constexpr std::array kWords{Word{"send", abi::Right::PortSend}, Word{"call", abi::Right::PortCall},
                                     Word{"duplicate", abi::Right::Duplicate}, Word{"grant", abi::Right::Grant},
                                     Word{"transfer", abi::Right::PortTransfer}};
  std::uint64_t rights = 0;
  for (const Reference& word : *words) {
    std::uint64_t bit = 0;
    for (const Word& known : kWords)
      if (known.text == word.name) bit = right(known.right);
    if (bit == 0)
      table.diagnostics().error(word.at, "a client of a port cannot have the right `" + word.name + "`",
                                "the rights are send, call, duplicate, grant and transfer");
    rights |= bit;
  }
  return rights;
}

/// How long an operation through the link may take.
unsigned read_deadline(TomlTable& table, unsigned otherwise = 0) {
  return narrow(table.time("deadline", abi::kLinkDeadlineMinimum, abi::kLinkDeadlineMaximum).value_or(otherwise));
}

Port read_port(const std::string& name, TomlTable& table) {
  Port port{.name = name, .owner = {{}, table.at("owner")}, .at = table.at()};
  for (const char* of_a_client : {"rights", "badge", "transfer"})
    table.explain(of_a_client,
                  "that is said for each client: clients = { a = { rights = [\"send\", \"transfer\"], badge = 7 } }");
  port.messages = read_contract(table, true);
  port.shareable = table.boolean("shareable").value_or(false);
  port.owner.name = table.string("owner", "owner = \"server\"").value_or("");
  if (!table.has("owner"))
    table.diagnostics().error(table.at(), table.what() + " has no `owner`",
                              "name the silo that receives from it: owner = \"server\"");
  const unsigned deadline = read_deadline(table);
  if (!table.is_table("clients")) {
    std::uint64_t place = 0;
    for (const Reference& client : table.strings("clients", "clients = [\"a\"]").value_or(std::vector<Reference>{}))
      port.clients.push_back({client, kClientRights, ++place, deadline});
    return port;
  }
  table.tables("clients", "client", " of " + table.what(), [&](const std::string& silo, TomlTable& entry) {
    Client client{.silo = {silo, entry.at()}};
    client.rights = read_rights(entry);
    client.badge = entry.integer("badge", 1, kLargestInteger).value_or(port.clients.size() + 1);
    client.deadline = read_deadline(entry, deadline);
    port.clients.push_back(client);
  });
  return port;
}

Channel read_channel(const std::string& name, TomlTable& table) {
  Channel channel{.name = name, .at = table.at()};
  channel.capacity =
      narrow(table.integer("capacity", 1, abi::kChannelCapacityMaximum).value_or(kDefaultChannelCapacity));
  channel.messages = read_contract(table, false);
  channel.transfer = table.boolean("transfer").value_or(false);
  channel.outstanding = narrow(table.integer("outstanding", 1, abi::kChannelCapacityMaximum).value_or(0));
  channel.redelivers = table.boolean("redeliver").value_or(false);
  channel.deadline = read_deadline(table);
  const auto from = table.string("from", "from = \"a\"");
  const auto to = table.string("to", "to = \"b\"");
  const auto between = table.strings("between", "between = [\"a\", \"b\"]");
  const bool one_way = table.has("from") && table.has("to") && !table.has("between");
  channel.duplex = table.has("between") && !table.has("from") && !table.has("to");
  if (!one_way && !channel.duplex) {
    table.diagnostics().error(table.at(), table.what() + " does not say between which two silos it is",
                              "write from = \"a\" and to = \"b\" (one way), or between = [\"a\", \"b\"] (both ways)");
  } else if (between && between->size() != 2) {
    table.diagnostics().error(
        table.at("between"),
        "`between` of " + table.what() + " names " + std::to_string(between->size()) + " silos, not two",
        "a channel has two ends; make a channel for each pair of silos");
  } else if (between) {
    channel.end[0] = (*between)[0];
    channel.end[1] = (*between)[1];
  } else {
    channel.end[0] = {from.value_or(""), table.at("from")};
    channel.end[1] = {to.value_or(""), table.at("to")};
  }
  return channel;
}

/// Ports first, then channels, then what else is shared, each in the order of the file.
void number_objects(Manifest& manifest) {
  unsigned next = 0;
  for (Port& port : manifest.ports) port.object = next++;
  for (Channel& channel : manifest.channels) channel.object = next++;
  for (SharedObject& object : manifest.shared) object.object = next++;
  for (InterruptLine& line : manifest.interrupts) line.object = next++;
}

}  // namespace

Manifest read_manifest(const std::filesystem::path& file, Diagnostics& diagnostics) {
  Manifest manifest;
  manifest.file = file;
  const std::string name = file.string();
  if (!std::filesystem::is_regular_file(file)) {
    diagnostics.error({name, 0}, std::filesystem::exists(file) ? "this is not a file" : "there is no such file",
                      "give the path of a manifest, for example system.toml");
    return manifest;
  }
  const std::optional<toml::table> root = parse_toml(name, diagnostics);
  if (!root) return manifest;
  TomlTable table(*root, "the manifest", name, diagnostics, "");
  manifest.system = table.string("system", "system = \"demo\"").value_or(file.stem().string());
  if (const auto defect = name_defect(manifest.system))
    diagnostics.error(table.at("system"), "the system's name `" + manifest.system + "` " + *defect,
                      name_remedy(manifest.system) + ", for example system = \"demo\"");
  manifest.allow_call_cycles = table.boolean("allow_call_cycles").value_or(false);
  manifest.allow_inversions = table.boolean("allow_inversions").value_or(false);
  manifest.allow_wait_cycles = table.boolean("allow_wait_cycles").value_or(false);
  manifest.fold_cores = table.boolean("fold_cores").value_or(false);
  table.tables("silo", "silo", "",
               [&](const std::string& silo, TomlTable& entry) { manifest.silos.push_back(read_silo(silo, entry)); });
  table.tables("port", "port", "",
               [&](const std::string& port, TomlTable& entry) { manifest.ports.push_back(read_port(port, entry)); });
  table.tables("channel", "channel", "", [&](const std::string& channel, TomlTable& entry) {
    manifest.channels.push_back(read_channel(channel, entry));
  });
  read_shared(manifest, table);
  read_devices(manifest, table);
  read_schedules(manifest, table);
  read_assertions(manifest, table);
  for (const char* word : {"asyncchan", "async_chan", "asyncchannel", "async_channel"})
    table.explain(word, "did you mean [async.NAME]?");
  for (const char* word : {"syncchan", "sync_chan", "sync", "syncchannel", "sync_channel"})
    table.explain(word, "did you mean [channel.NAME]?");
  table.explain("stream", "a stream is a [region.NAME] and a [notification.NAME] for each way: docs/sdk.md");
  table.explain("timer", "a silo makes its timers itself: quota = { timers = 1 } in its table");
  table.refuse_unknown();
  number_objects(manifest);
  return manifest;
}

}  // namespace tool
