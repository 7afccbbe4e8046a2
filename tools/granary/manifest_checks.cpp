// SPDX-License-Identifier: Apache-2.0
//
// check_manifest: do the parts fit together? One function for each kind of part; each refusal has a sample in
// tests/refused/. Wait cycles over calls are wait_cycles.cpp's business.
#include <algorithm>
#include <map>
#include <set>

#include "ipc/abi/abi.hpp"
#include "tools/granary/assertions.hpp"
#include "tools/granary/capabilities.hpp"
#include "tools/granary/flows.hpp"
#include "tools/granary/health.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/priorities.hpp"
#include "tools/granary/read_devices.hpp"
#include "tools/granary/read_restart.hpp"
#include "tools/granary/schedule.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/wait_cycles.hpp"

namespace tool {
namespace {

std::string kind_of(abi::ObjectType type) {
  switch (type) {
    case abi::ObjectType::AsyncChannel: return "async";
    case abi::ObjectType::Notification: return "notification";
    case abi::ObjectType::Semaphore: return "semaphore";
    case abi::ObjectType::Region: return "region";
    case abi::ObjectType::None:
    case abi::ObjectType::Port:
    case abi::ObjectType::Channel:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace:
    case abi::ObjectType::Interrupt: break;
  }
  return "object";
}

class Checker {
 public:
  Checker(const Manifest& manifest, Diagnostics& diagnostics, ProgramFiles files)
      : manifest_(manifest), diagnostics_(diagnostics), files_(files) {}

  bool run() {
    const Location whole{manifest_.file.string(), 1};
    if (manifest_.silos.empty())
      diagnostics_.error(whole, "there is no silo", "add one: [silo.hello] and program = \"hello.cpp\"");
    if (manifest_.silos.size() > abi::kSilosMaximum)
      diagnostics_.error(whole, std::to_string(manifest_.silos.size()) + " silos are more than the kernel can run",
                         "at most " + std::to_string(abi::kSilosMaximum) + "; let threads share a silo");
    if (manifest_.ports.size() + manifest_.channels.size() + manifest_.shared.size() + manifest_.interrupts.size() >
        abi::kManifestObjectsMaximum)
      diagnostics_.error(whole, "there are more objects than the kernel can make",
                         "at most " + std::to_string(abi::kManifestObjectsMaximum) +
                             " in a manifest; a silo can create its own (quota)");
    if (manifest_.published.size() > abi::kPublishedNamesMaximum)
      diagnostics_.error(whole, std::to_string(manifest_.published.size()) + " names are more than the kernel can keep",
                         "at most " + std::to_string(abi::kPublishedNamesMaximum) + "; publish fewer ports");
    std::size_t threads = 0;
    one_console_owner();
    for (const Silo& silo : manifest_.silos) {
      silo_itself(silo);
      threads += silo.threads.size();
    }
    if (threads > abi::kThreadsMaximum)
      diagnostics_.error(whole, std::to_string(threads) + " threads are more than the kernel can run",
                         "at most " + std::to_string(abi::kThreadsMaximum) + " in the whole system");
    for (const Port& port : manifest_.ports) port_itself(port);
    for (const Channel& channel : manifest_.channels) channel_itself(channel);
    for (const SharedObject& object : manifest_.shared) shared_itself(object);
    for (const InterruptLine& line : manifest_.interrupts) {
      object_name("interrupt", line.name, line.at);
      silo_exists(line.silo, "`silo` of interrupt " + ticked(line.name));
    }
    for (const Device& device : manifest_.devices) device_itself(device);
    check_devices(manifest_, diagnostics_);
    for (const PublishedName& name : manifest_.published) name_itself(name);
    if (manifest_.flows) flows_themselves();
    if (diagnostics_.failed()) return false;
    for (const Silo& silo : manifest_.silos) table_of(silo);
    refuse_wait_cycles(manifest_, diagnostics_);
    check_flows(manifest_, diagnostics_);
    check_assertions(manifest_, diagnostics_);
    check_priorities(manifest_, diagnostics_);
    check_time(manifest_, diagnostics_);
    check_restarts(manifest_, diagnostics_);
    check_health(manifest_, diagnostics_);
    return true;
  }

 private:
  void name(const std::string& kind, const std::string& name, const Location& at) {
    if (const auto defect = name_defect(name))
      diagnostics_.error(at, "the name of " + kind + " " + ticked(name) + " " + *defect,
                         name_remedy(name) + "; the name becomes an identifier in the program");
  }

  /// Both would become the same namespace of a header.
  void contract_name(const PublishedName& published) {
    if (published.messages.empty() || !object_names_.contains(published.name)) return;
    diagnostics_.error(published.at,
                       "name " + ticked(published.name) + " declares messages, and an object has the same name (line " +
                           std::to_string(object_names_.at(published.name).line) + ")",
                       "give one of them another name: their contracts would be one in the headers");
  }

  /// A port and a channel must not share a name: a program and the console's lines could not tell them apart.
  void object_name(const std::string& kind, const std::string& own, const Location& at) {
    name(kind, own, at);
    const auto [first, is_new] = object_names_.emplace(own, at);
    if (!is_new)
      diagnostics_.error(at,
                         kind + " " + ticked(own) + " has the name of another port or channel (line " +
                             std::to_string(first->second.line) + ")",
                         "give each its own name");
  }

  /// False, with a sentence, if no silo has that name.
  bool silo_exists(const Reference& reference, const std::string& where) {
    if (manifest_.find_silo(reference.name) != nullptr) return true;
    const auto meant = nearest(reference.name, manifest_.silo_names());
    diagnostics_.error(reference.at, where + " names the silo " + ticked(reference.name) + ", which does not exist",
                       meant ? "did you mean " + ticked(*meant) + "?"
                             : "add [silo." + reference.name + "], or name one of " + list(manifest_.silo_names()));
    return false;
  }

  /// There is one transmitter, and its right is one of the handle `console`.
  void one_console_owner() {
    const Silo* owner = nullptr;
    for (const Silo& silo : manifest_.silos) {
      if (!silo.owns_console) continue;
      if (!silo.console)
        diagnostics_.error(silo.at, "silo " + ticked(silo.name) + " owns the console and may not use it",
                           "leave `console = false` out; it would have no handle `console`");
      if (owner != nullptr)
        diagnostics_.error(silo.at,
                           "silo " + ticked(silo.name) + " owns the console, as " + ticked(owner->name) + " does",
                           "one silo has the transmitter; the others print through it");
      owner = &silo;
    }
  }

  void silo_itself(const Silo& silo) {
    const std::string what = "silo " + ticked(silo.name);
    name("silo", silo.name, silo.at);
    program_of(silo.program, silo.program_at, silo.name, what);
    images_of(silo, what);
    for (const Thread& thread : silo.threads) {
      if (&thread == &silo.threads.front()) continue;
      name("thread", thread.name, thread.at);
      if (thread.name == "main")
        diagnostics_.error(thread.at, what + " has a second thread called `main`",
                           "every silo has a thread main that runs the program's main(); choose another name");
    }
    if (silo.threads.size() > kMaximumThreads)
      diagnostics_.error(silo.at, what + " has " + std::to_string(silo.threads.size()) + " threads",
                         "at most " + std::to_string(kMaximumThreads) + " fit into a silo, main included");
    std::set<std::string> seen;
    std::set<std::string> children;
    for (const Reference& other : silo.children) {
      silo_exists(other, "`children` of " + what);
      if (!children.insert(other.name).second)
        diagnostics_.error(other.at, "`children` of " + what + " names " + ticked(other.name) + " twice",
                           "name it once");
    }
    for (const Reference& other : silo.observe) {
      silo_exists(other, "`observe` of " + what);
      if (!seen.insert(other.name).second)
        diagnostics_.error(other.at, "`observe` of " + what + " names " + ticked(other.name) + " twice",
                           "name it once");
    }
  }

  void images_of(const Silo& silo, const std::string& what) {
    for (const ProgramImage& image : silo.images) {
      name("image", image.name, image.at);
      const std::string which = "image " + ticked(image.name) + " of " + what;
      if (image.name == "main" || image.name == silo.name)
        diagnostics_.error(image.at, which + " has the name of the silo's first image",
                           "that is `main`, and its file is called like the silo; choose another name");
      program_of(image.program, image.program_at, image.name, which);
    }
    if (silo.images.size() >= abi::kImagesPerSiloMaximum)
      diagnostics_.error(silo.images.back().at,
                         what + " has " + std::to_string(silo.images.size()) + " images besides its program",
                         "at most " + std::to_string(abi::kImagesPerSiloMaximum - 1) + " are possible");
  }

  void program_of(const std::vector<std::string>& program, const Location& at, const std::string& name,
                  const std::string& what) {
    if (program.empty())
      diagnostics_.error(at, what + " has an empty list as its program",
                         "name at least one source file: program = \"" + name + ".cpp\"");
    std::set<std::string> stems;
    for (const std::string& file : program) {
      const std::filesystem::path path = manifest_.resolve(file);
      const std::string extension = path.extension().string();
      const bool is_source = extension == ".cpp" || extension == ".c" || extension == ".S";
      if (!is_source && !is_prebuilt(program)) {
        diagnostics_.error(at, "the program " + ticked(file) + " of " + what + " is no file that can be built",
                           "name .cpp, .c or .S files, or one .elf file that is built already");
      } else if (!make_can_handle(file) || !make_can_handle(std::filesystem::absolute(path).string())) {
        diagnostics_.error(at,
                           "the path " +
                               ticked(make_can_handle(file) ? std::filesystem::absolute(path).string() : file) +
                               " has a character that make cannot handle",
                           "rename the file or folder: letters, digits, and . _ - + / are safe");
      } else if (!std::filesystem::is_regular_file(path)) {
        const std::string reason = "the program " + ticked(file) + " of " + what + " does not exist";
        const std::string remedy = "create " + path.string() + ", or correct the path (it is relative to the manifest)";
        if (files_ == ProgramFiles::Needed)
          diagnostics_.error(at, reason, remedy);
        else
          diagnostics_.warning(at, reason, remedy);
      }
      if (!stems.insert(path.filename().string()).second)
        diagnostics_.error(at, what + " has two source files called " + ticked(path.filename().string()),
                           "rename one of them: their object files would be one file");
    }
  }

  void port_itself(const Port& port) {
    const std::string what = "port " + ticked(port.name);
    object_name("port", port.name, port.at);
    const Silo* owner = silo_exists(port.owner, "`owner` of " + what) ? manifest_.find_silo(port.owner.name) : nullptr;
    std::map<std::uint64_t, std::string> badges;
    std::set<std::string> clients;
    for (const Client& client : port.clients) {
      silo_exists(client.silo, "`clients` of " + what);
      if (!clients.insert(client.silo.name).second)
        diagnostics_.error(client.silo.at, "`clients` of " + what + " names " + ticked(client.silo.name) + " twice",
                           "name it once");
      const auto [first, is_new] = badges.emplace(client.badge, client.silo.name);
      if (!is_new)
        diagnostics_.error(client.silo.at,
                           "the clients " + ticked(first->second) + " and " + ticked(client.silo.name) + " of " + what +
                               " both have badge " + std::to_string(client.badge),
                           "the owner tells its clients apart by their badges; give each its own");
      if (owner != nullptr && client.silo.name == owner->name && owner->threads.size() == 1)
        diagnostics_.error(client.silo.at,
                           "silo " + ticked(owner->name) + " owns " + what +
                               " and is its client, with one thread: it would wait for itself",
                           "take it out of `clients`, or give the silo a second thread that receives");
    }
  }

  void channel_itself(const Channel& channel) {
    const std::string what = "channel " + ticked(channel.name);
    object_name("channel", channel.name, channel.at);
    const std::string keys[] = {channel.duplex ? "between" : "from", channel.duplex ? "between" : "to"};
    for (unsigned end = 0; end < 2; ++end) silo_exists(channel.end[end], "`" + keys[end] + "` of " + what);
    if (channel.end[0].name == channel.end[1].name)
      diagnostics_.error(channel.end[1].at, what + " leads from silo " + ticked(channel.end[0].name) + " to itself",
                         "name two different silos; threads of one silo share its memory");
  }

  void shared_itself(const SharedObject& object) {
    const std::string what = kind_of(object.type) + " " + ticked(object.name);
    object_name(kind_of(object.type), object.name, object.at);
    for (const SharedObject::User& user : object.users) silo_exists(user.silo, what);
    if (object.users.empty())
      diagnostics_.error(object.at, what + " is there for nobody", "name the silos that use it, or take it out");
  }

  void device_itself(const Device& device) {
    name("device", device.name, device.at);
    silo_exists(device.silo, "`silo` of device " + ticked(device.name));
    if (!device_names_.emplace(device.silo.name, device.name).second)
      diagnostics_.error(device.at,
                         "silo " + ticked(device.silo.name) + " would have two devices called " + ticked(device.name),
                         "give each its own name");
  }

  void name_itself(const PublishedName& published) {
    const std::string what = "name " + ticked(published.name);
    name("name", published.name, published.at);
    contract_name(published);
    silo_exists(published.publisher, "`publisher` of " + what);
    std::set<std::string> seen;
    for (const Client& client : published.connectors) {
      silo_exists(client.silo, "`connectors` of " + what);
      if (!seen.insert(client.silo.name).second)
        diagnostics_.error(client.silo.at, "`connectors` of " + what + " names " + ticked(client.silo.name) + " twice",
                           "name it once");
    }
  }

  void flows_themselves() {
    for (const Flow& flow : *manifest_.flows) {
      silo_exists(flow.from, "a flow");
      if (flow.to.name != flow.from.name) silo_exists(flow.to, "a flow");
    }
  }

  /// The capabilities of a silo: one name each, and room for them in the table.
  void table_of(const Silo& silo) {
    const std::vector<Capability> capabilities = capabilities_of(manifest_, silo);
    std::map<std::string, unsigned> names;
    for (const Capability& capability : capabilities) {
      if (++names[capability.name] == 2)
        diagnostics_.error(silo.at,
                           "silo " + ticked(silo.name) + " would have two handles called " + ticked(capability.name),
                           "rename the port or channel: it has the name of an observed silo");
    }
    const unsigned slots = capability_slots_of(manifest_, silo);
    if (capabilities.size() + 1 > slots)
      diagnostics_.error(silo.capability_slots_at,
                         "silo " + ticked(silo.name) + " gets " + std::to_string(capabilities.size()) +
                             " capabilities, and a table of " + std::to_string(slots) + " holds " +
                             std::to_string(slots - 1),
                         silo.capability_slots ? "leave `capabilities` out, or write a larger power of two"
                                               : "give the silo fewer links");
  }

  const Manifest& manifest_;
  Diagnostics& diagnostics_;
  ProgramFiles files_;
  std::map<std::string, Location> object_names_;
  std::set<std::pair<std::string, std::string>> device_names_;
};

}  // namespace

bool check_manifest(const Manifest& manifest, Diagnostics& diagnostics, ProgramFiles files) {
  return Checker(manifest, diagnostics, files).run();
}

void warn_about(const Manifest& manifest, Diagnostics& diagnostics) {
  warn_about_devices(manifest, diagnostics);
  for (const SharedObject& object : manifest.shared)
    for (const SharedObject::User& user : object.users)
      if ((user.rights & static_cast<std::uint64_t>(abi::Right::RegionPhysical)) != 0)
        diagnostics.warning(user.silo.at,
                            "silo " + ticked(user.silo.name) + " may learn the physical addresses of region " +
                                ticked(object.name) + ": what its device is told to read and write, nothing confines",
                            "trust it with all of the memory, as these boards have no SMMU (docs/drivers.md)");
  for (const Silo& silo : manifest.silos) {
    std::uint64_t pages = 0;
    for (const SharedObject& object : manifest.shared)
      for (const SharedObject::User& user : object.users)
        if (object.type == abi::ObjectType::Region && user.silo.name == silo.name) pages += object.amount;
    const std::uint64_t quota = silo.quota[abi::QuotaKind::MappedPages];
    if (pages > quota)
      diagnostics.warning(silo.at,
                          "the regions of silo " + ticked(silo.name) + " have " + std::to_string(pages) +
                              " pages, and its quota lets it map " + std::to_string(quota),
                          "write quota = { mapped_pages = " + std::to_string(pages) + " }, for all of them at a time");
  }
}

}  // namespace tool
